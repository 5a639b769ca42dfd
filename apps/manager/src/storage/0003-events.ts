import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- Whose order it was and what, for streams: the order itself may be purged. Null only where it was purged before this migration.
  alter table order_history add column requester text, add column owner_id text, add column batch_id uuid, add column kind text;
  update order_history h set requester = o.requester, owner_id = o.owner_id, batch_id = o.batch_id, kind = o.kind from orders o where o.id = h.order_id;
  create index order_history_of_owner on order_history (requester, owner_id, id);

  create function tell_order_history() returns trigger language plpgsql as $$
    begin
      notify order_history;
      return null;
    end
  $$;
  create trigger tell_order_history after insert on order_history for each statement execute function tell_order_history();
`;

/** Streams of events over the history. Its id is the position in the stream; how a reader knows that a position is final is in settle-positions.ts. */
export const eventsMigration: Migration<unknown> = {
  name: '0003-events',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
