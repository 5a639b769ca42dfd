import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- What the member said of its room when it was named last: machines, vCPUs, MiB; null where it said nothing.
  alter table members add column room jsonb;
`;

/** Who is asked last. */
export const memberRoomMigration: Migration<unknown> = {
  name: '0009-member-room',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
