import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- Lists narrowed by state, kind and type, in the order of lists: see select-orders.ts.
  create index orders_of_owner_by_state on orders (requester, owner_id, state, kind, type, created_at desc, id desc);
  create index orders_of_owner_by_provider on orders (requester, owner_id, provider, created_at desc, id desc) where provider is not null;

  -- The history grows by time alone, so that a few ranges of it say which part is old enough to be dropped.
  create index order_history_by_age on order_history using brin (at);
`;

/** Lists and duties that take as long among 100,000 orders as among 1,000. */
export const listingMigration: Migration<unknown> = {
  name: '0004-listing',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
