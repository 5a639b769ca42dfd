import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- All hosts of the tunnel that the machine was told; \`endpoint\` is the one where it is now, or will be first. Null: it was told that one.
  alter table tunnel_grants add column endpoints jsonb;
  -- By the tunnel's clock: when the session that counts began, and the newest word about it.
  alter table tunnel_grants add column session_since timestamptz;
  alter table tunnel_grants add column heard_at timestamptz;
`;

/** A machine moves from one host of the tunnel to another. */
export const tunnelHostsMigration: Migration<unknown> = {
  name: '0011-tunnel-hosts',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
