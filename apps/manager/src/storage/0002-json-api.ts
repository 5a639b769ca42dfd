import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- What accounting needs of an order. It outlives the order as long as the order's history is kept.
  create table order_accounts (
    order_id uuid primary key,
    requester text not null,
    owner_id text not null,
    owner_name text not null,
    kind text not null,
    flavor text,
    requirements text
  );
  insert into order_accounts
    select id, requester, owner_id, owner_name, kind, spec ->> 'flavor', spec ->> 'requirements' from orders;

  -- Creates that clients may repeat. The ids are chosen before the orders are there, so that a repetition makes the same ones.
  create table idempotency_keys (
    owner_id text not null,
    key text not null,
    fingerprint text not null,
    order_ids uuid[] not null,
    is_stored boolean not null default false,
    created_at timestamptz not null default now(),
    primary key (owner_id, key)
  );
  create index idempotency_keys_by_age on idempotency_keys (created_at);
`;

/** Accounting and repeatable creates. */
export const jsonApiMigration: Migration<unknown> = {
  name: '0002-json-api',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
