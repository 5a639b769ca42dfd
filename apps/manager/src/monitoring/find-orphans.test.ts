import { randomUUID } from 'node:crypto';
import { clientToken } from '@fogbow/request-model';
import type { ResourceKind } from '@fogbow/request-model';
import { silentLogger } from '@fogbow/service-runtime';
import { makeOrder, SELF } from '../testing/make-order.js';
import { createLookRound } from '../fulfilment/look-round.js';
import { createFindOrphans } from './find-orphans.js';

/** What is released in a round that begins so many ms after the first. */
async function releasedAfter(ms: number, kind: ResourceKind, isKnown: boolean): Promise<number> {
  const order = makeOrder({ id: randomUUID(), kind, state: 'closed' });
  let uptime = 0;
  let released = 0;
  const find = createFindOrphans({
    self: SELF, log: silentLogger, graceMs: 1000, unknownVolumeGraceMs: 60_000,
    clock: { uptime: () => uptime } as never, store: { getMany: () => Promise.resolve(isKnown ? [order] : []) } as never,
    releases: { add: (found: readonly unknown[]) => { released += found.length; return Promise.resolve(); } } as never,
    list: () => Promise.resolve([{ kind, clientToken: clientToken(SELF, order) }]),
  });
  const { signal } = new AbortController();
  await find(signal, createLookRound());
  uptime = ms;
  await find(signal, createLookRound());
  return released;
}

test.each<[string, ResourceKind, boolean, number, number]>([
  ['a machine of nobody goes after the usual grace', 'compute', false, 1000, 1],
  ['and not before', 'compute', false, 999, 0],
  ['a volume whose order has ended goes as soon', 'storage', true, 1000, 1],
  ['a volume of which nothing is known stays for long', 'storage', false, 59_999, 0],
  ['but not for ever', 'storage', false, 60_000, 1],
])('%s', async (_name, kind, isKnown, ms, released) => expect(await releasedAfter(ms, kind, isKnown)).toBe(released));

test('two machines of one name, as calls that crossed leave them, are released as one', async () => {
  const token = clientToken(SELF, makeOrder({ id: randomUUID(), state: 'closed' }));
  const rounds: number[] = [];
  const find = createFindOrphans({
    self: SELF, log: silentLogger, graceMs: 0, unknownVolumeGraceMs: 0, clock: { uptime: () => 0 } as never, store: { getMany: () => Promise.resolve([]) } as never,
    releases: { add: (found: readonly unknown[]) => { rounds.push(found.length); return Promise.resolve(); } } as never,
    list: () => Promise.resolve([{ kind: 'compute', clientToken: token }, { kind: 'compute', clientToken: token }]),
  });
  await find(new AbortController().signal, createLookRound());
  expect(rounds).toEqual([1]);
});
