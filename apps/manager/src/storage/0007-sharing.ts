import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- Room that was made for an order by taking machines from others: nobody else gets it until the order has it or the time is over.
  create table kept_room (
    order_id uuid primary key,
    amount jsonb not null,
    until timestamptz not null
  );
  -- Accounts are added up from the moments at which machines became ready.
  create index order_history_fulfilled on order_history (provider, requester) where to_state = 'fulfilled';
  create index orders_served on orders (requester, provider) where state in ('open', 'spawning', 'fulfilled');
`;

/** What the sharing policies stand on. What capacity controllers remember is in table memory, key capacity. */
export const sharingMigration: Migration<unknown> = {
  name: '0007-sharing',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
