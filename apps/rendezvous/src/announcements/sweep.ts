import type { Clock, Logger, Part } from '@fogbow/service-runtime';
import type { MemberRegistry } from '../members/member-registry.js';

const SWEEP_MS = 60_000;

/** Drops silent members now and then, so that the table does not grow while nobody asks (spec §3.3). */
export function startSweep(registry: MemberRegistry, clock: Clock, log: Logger): Part {
  const timer = setInterval(() => {
    const gone = registry.expire(clock.now());
    if (gone.length > 0) log.info('members are silent and were dropped', { members: gone });
  }, SWEEP_MS);
  return { name: 'sweep', stop: () => clearInterval(timer) };
}
