import { sql } from 'kysely';
import type { Migration } from '@fogbow/storage';

const SCHEMA = sql`
  -- Machines that have the probe in their user data, until their order is past it. Begun (until is set) when the machine was first seen up.
  create table measurements (
    order_id uuid not null,
    incarnation integer not null,
    address jsonb,
    until timestamptz,
    tries integer not null default 0,
    next_try_at timestamptz not null default now(),
    lease_owner uuid,
    lease_until timestamptz,
    seconds double precision,
    is_over boolean not null default false,
    fault text,
    primary key (order_id, incarnation)
  );
  create index measurements_due on measurements (next_try_at) where until is not null and not is_over;

  -- Of the line "fulfilled" of a machine that was measured: what it counts in accounts from then on.
  alter table order_history add column power double precision;
`;

/** What machines are worth by what they did. */
export const measurementsMigration: Migration<unknown> = {
  name: '0010-measurements',
  up: async (transaction) => void await SCHEMA.execute(transaction),
};
