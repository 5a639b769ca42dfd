import { randomUUID } from 'node:crypto';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { createCheckpoints, silentLogger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { Release, ReleaseStore } from '../orders/release-store.js';
import { PEER, SELF } from '../testing/make-order.js';
import { createReleaseWorker } from './release-worker.js';
import { createRemoteProvider } from './remote-provider.js';

const releaseAt = (member: string): Release => ({ orderId: randomUUID(), kind: 'compute', incarnation: 1, member, attempts: 1 });

/** A queue that hands out what is due once, in order. */
function labOf(releases: readonly Release[]) {
  const left = [...releases];
  const log: string[] = [];
  const store: ReleaseStore = {
    add: () => Promise.resolve(),
    claimDue: (limit) => Promise.resolve(left.splice(0, limit)),
    done: async ({ member }) => void log.push(`gone ${member}`),
    retry: async ({ member }, _inMs, why) => void log.push(`later ${member}: ${why}`),
  };
  return { store, log };
}

test('a member that does not answer is asked for one batch, and the removals behind it do not wait for it again and again', async () => {
  const { store, log } = labOf([...Array.from({ length: 500 }, () => releaseAt(PEER)), releaseAt(SELF)]);
  let rounds = 0;
  let asked = 0;
  const worker = createReleaseWorker({
    self: SELF, releases: store, purge: () => Promise.resolve(), wakeUp: () => undefined, wakeLater: () => undefined, workerDeadAfterMs: 1000, abandonAfterMs: 1000,
    leases: { wakeWaiting: () => Promise.resolve() } as never, silence: () => Promise.resolve(new Map()), checkpoints: createCheckpoints<CrashStep>(undefined), log: silentLogger,
    local: { release: () => Promise.resolve({ kind: 'gone' }) } as never,
    remote: { release: async () => { asked += 1; if (asked % 50 === 1) rounds += 1; return { kind: 'pending', reason: 'timeout: it did not answer', inMs: 1000, isSilent: true }; } } as never,
  });
  await worker(new AbortController().signal);
  expect([asked, rounds]).toEqual([50, 1]);
  expect(log.filter((line) => line.startsWith(`later ${PEER}`))).toHaveLength(500);
  expect(log.at(-1)).toBe(`gone ${SELF}`);
});

test.each<[ErrorCode, unknown]>([['timeout', true], ['unavailable', true], ['conflict', undefined], ['internal', undefined]])('a member that answers %s', async (code, isSilent) => {
  const remote = createRemoteProvider({
    link: { request: () => Promise.reject(new FogbowError(code, 'no')) } as never, store: {} as never, identity: {} as never, timeoutMs: 1000, log: silentLogger,
  });
  expect(await remote.release(releaseAt(PEER), new AbortController().signal)).toMatchObject({ kind: 'pending', reason: `${code}: no` });
  expect((await remote.release(releaseAt(PEER), new AbortController().signal) as { isSilent?: true }).isSilent).toBe(isSilent);
});
