import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { CapacityController, CapacityMemory } from '@fogbow/plugin-contracts';
import type { SizeOf } from '../accounting/machine-size.js';
import type { CapacityUnit } from './capacity-unit.js';

/** What the controller remembered last, and when: of another controller it is nothing. */
export interface CapacityStore {
  read(): Promise<{ readonly memory: CapacityMemory; readonly at: Date } | undefined>;
  write(memory: CapacityMemory, at: Date): Promise<void>;
}

interface Kept {
  readonly plugin: string;
  readonly unit: CapacityUnit;
  readonly memory: CapacityMemory;
  readonly at: string;
}

export function createCapacityStore(database: Kysely<unknown>, plugin: string, unit: CapacityUnit): CapacityStore {
  return {
    async read() {
      const { rows: [row] } = await sql<{ value: Kept }>`select value from memory where key = 'capacity'`.execute(database);
      return row && row.value.plugin === plugin && row.value.unit === unit ? { memory: row.value.memory, at: new Date(row.value.at) } : undefined;
    },
    async write(memory, at) {
      const kept: Kept = { plugin, unit, memory, at: at.toISOString() };
      await sql`insert into memory (key, value) values ('capacity', ${JSON.stringify(kept)}::jsonb) on conflict (key) do update set value = excluded.value`.execute(database);
    },
  };
}

export interface MeasureOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly sizeOf: SizeOf;
  readonly unit: CapacityUnit;
}

/** What a member has of our cloud, or is getting, in the unit of capacity. */
export function createMeasureServed({ self, database, sizeOf, unit }: MeasureOptions): (member: MemberId) => Promise<number> {
  return async (member) => {
    const { rows } = await sql<{ flavor: string | null; requirements: string | null; machines: string }>`
      select spec ->> 'flavor' as flavor, spec ->> 'requirements' as requirements, count(*) as machines from orders
      where requester = ${member} and kind = 'compute' and state in ('open', 'spawning', 'fulfilled') and (provider = ${self} or provider is null)
      group by 1, 2`.execute(database);
    return rows.reduce((sum, { machines, flavor, requirements }) => sum + Number(machines) * (unit === 'instances' ? 1 : sizeOf({ provider: self, flavor, requirements })?.vcpu ?? 0), 0);
  };
}

export type LimitOf = (member: MemberId) => Promise<number>;

/** The present limit of a member; Infinity where there is none. */
export function createLimitOf(controller: CapacityController, store: Pick<CapacityStore, 'read'>): LimitOf {
  return async (member) => controller.limitOf(member, (await store.read())?.memory);
}
