import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { Favours, MemberId, Quota } from '@fogbow/request-model';
import type { CapacityController } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { ReadFavours } from '../accounting/read-favours.js';
import type { CapacityStore } from './capacity.js';
import { unitsOf } from './capacity-unit.js';
import type { CapacityUnit } from './capacity-unit.js';

export interface UpdateCapacityOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly controller: CapacityController;
  readonly store: CapacityStore;
  readonly favours: ReadFavours;
  readonly unit: CapacityUnit;
  readonly periodMs: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
  /** What our cloud has; undefined when it does not say. */
  room(signal: AbortSignal): Promise<Quota | undefined>;
}

/**
 * Duty (spec §2.4 capacity updater): the controller sees who returned what and sets the limits anew. A process that starts runs all duties; a round that is not due yet
 * is left out, or every restart would be a step.
 */
export function createUpdateCapacity(options: UpdateCapacityOptions): (signal: AbortSignal) => Promise<void> {
  const { self, database, controller, store, favours, unit, periodMs, clock, log, room } = options;
  return async (signal) => {
    const before = await store.read();
    const now = clock.now();
    if (before && now.getTime() - before.at.getTime() < periodMs * 0.9) return;
    const quota = await room(signal);
    const max = quota ? unitsOf(quota.limit, unit) : NaN;
    if (!Number.isFinite(max)) return log.info('the capacity of other members stays as it is: the cloud tells no limit', { unit });
    const known = await sql<{ id: MemberId }>`select id from members where id <> ${self}`.execute(database);
    const all: Record<MemberId, Favours> = { ...Object.fromEntries(known.rows.map(({ id }) => [id, NO_FAVOURS])), ...await favours() };
    await store.write(controller.update({ max, favours: all }, before?.memory), now);
  };
}
