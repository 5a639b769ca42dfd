import type { Logger, Part } from '@fogbow/service-runtime';
import type { MemberTable } from '../members/member-table.js';

const SWEEP_MS = 60_000;

/** Drops silent members now and then, so that the table does not grow while nobody asks (spec §3.3). */
export function startSweep(table: MemberTable, log: Logger): Part {
  const timer = setInterval(() => {
    table.expire().catch((error: unknown) => log.warn('silent members could not be dropped', { error }));
  }, SWEEP_MS);
  return { name: 'sweep', stop: () => clearInterval(timer) };
}
