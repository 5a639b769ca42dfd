import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- The keys that other members are known by, since their first use. It outlives what is known of the member.
  create table member_keys (
    member text primary key,
    public_key text not null,
    pinned_at timestamptz not null default now(),
    refused text,
    refused_at timestamptz
  );
`;

/** Whom we believe. */
export const memberKeysMigration: Migration<unknown> = {
  name: '0008-member-keys',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
