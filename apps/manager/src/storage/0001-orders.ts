import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  create table orders (
    id uuid primary key,
    batch_id uuid not null,
    kind text not null,
    type text not null,
    state text not null,
    owner_id text not null,
    owner_name text not null,
    requester text not null,
    provider text,
    incarnation integer not null default 1,
    spec jsonb not null,
    instance jsonb,
    valid_from timestamptz,
    valid_until timestamptz,
    created_at timestamptz(3) not null default clock_timestamp(),
    state_since timestamptz not null default clock_timestamp(),
    fulfilled_at timestamptz,
    reason text,
    failed_boots integer not null default 0,
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    lease_owner uuid,
    refusals jsonb not null default '{}',
    explanation jsonb,
    connected boolean not null default false,
    failure text
  );
  create index orders_to_place on orders (next_attempt_at) where state = 'open';
  create index orders_in_flight on orders (state, id) where state in ('pending', 'spawning', 'fulfilled');
  create index orders_to_purge on orders (id) where state = 'deleted';
  create index orders_of_owner on orders (requester, owner_id, created_at desc, id desc);
  create index orders_of_batch on orders (batch_id);
  create index orders_of_instance on orders ((instance ->> 'id')) where instance is not null;

  -- Outlives its order: the audit trail. No foreign key for that reason.
  create table order_history (
    id bigint generated always as identity primary key,
    order_id uuid not null,
    at timestamptz not null default clock_timestamp(),
    from_state text,
    to_state text not null,
    event text not null,
    reason text,
    provider text,
    incarnation integer not null
  );
  create index order_history_of_order on order_history (order_id, id);

  -- What must still be removed, and where. A row goes only when the cloud or the peer has confirmed.
  create table releases (
    order_id uuid not null,
    incarnation integer not null,
    member text not null,
    since timestamptz not null default now(),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now(),
    last_error text,
    primary key (order_id, incarnation, member)
  );
  create index releases_due on releases (next_attempt_at);

  -- Orders of others that were removed: a late or doubled request for one of these attempts is refused.
  create table removed_orders (
    requester text not null,
    order_id uuid not null,
    attempt integer not null,
    at timestamptz not null default now(),
    primary key (requester, order_id)
  );

  create table tunnel_grants (
    id text primary key,
    order_id uuid not null,
    secret_hash text not null,
    owner text not null,
    services jsonb not null,
    endpoint jsonb not null,
    created_at timestamptz not null default now()
  );
  create index tunnel_grants_of_order on tunnel_grants (order_id);

  create table members (id text primary key, last_seen timestamptz not null);

  -- Worker processes that are alive; a lease on an order counts only while its owner is.
  create table workers (id uuid primary key, name text not null, seen_at timestamptz not null default now());

  create table cloud_tokens (account text primary key, sealed text not null, expires_at timestamptz, issued_at timestamptz not null default now());

  create table memory (key text primary key, value jsonb not null);
`;

/** The first schema. Times are those of the database, so that processes with different clocks agree. */
export const ordersMigration: Migration<unknown> = {
  name: '0001-orders',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
