import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- The orders whose instances an order needs: they cannot go while it lives, and wake it when they are there.
  alter table orders add column needs uuid[] not null default '{}';
  create index orders_by_need on orders using gin (needs) where needs <> '{}';

  -- An order may be gone before what it left behind is.
  alter table releases add column kind text not null default 'compute';

  alter table order_accounts add column size_gb integer;
`;

/** Volumes, networks and attachments beside machines. */
export const resourcesMigration: Migration<unknown> = {
  name: '0005-resources',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
