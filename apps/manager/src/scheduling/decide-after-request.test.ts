import { ERROR_CATALOGUE } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { RequestOutcome } from '../fulfilment/instance-provider.js';
import type { OrderRecord } from '../orders/order-record.js';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { afterRequest, isForGood, refusedBy } from './decide-after-request.js';

const given = { order: makeOrder({ attempts: 3 }), explanation: [{ member: SELF, verdict: 'chosen' }], self: SELF, now: NOW, retryMs: 1000 };
const accepted = (ready: boolean): Exclude<RequestOutcome, { kind: 'sent' }> => ({ kind: 'accepted', instance: { id: 'vm' }, ready });

describe('after our own cloud was asked', () => {
  test.each([[true, ['accepted-here', 'ready']], [false, ['accepted-here']]])('a machine (ready: %s) moves the order by %j, if nobody took it up since', (ready, events) => {
    expect(afterRequest({ ...given, outcome: accepted(ready) })).toMatchObject({
      move: { events, from: 'open', incarnation: 1, attempts: 3, patch: { provider: SELF, instance: { id: 'vm' }, refusals: {}, failure: null } },
    });
  });

  test('a refusal sends the order back to planning', () => {
    const outcome = { kind: 'refused', code: 'quota-exceeded', reason: 'full', uncertain: true } as const;
    expect(afterRequest({ ...given, outcome })).toMatchObject({ again: { failure: 'quota-exceeded', refusals: { [SELF]: { reason: 'full', uncertain: true } } } });
  });
});

describe('a refusal', () => {
  const until = (code: ErrorCode): number => new Date(refusedBy(makeOrder(), PEER, { code, reason: '', uncertain: false }, NOW, 1000).refusals[PEER]?.until ?? 0).getTime() - NOW.getTime();
  test.each((Object.keys(ERROR_CATALOGUE) as ErrorCode[]).filter((code) => !isForGood(code)))('%s stands for a moment', (code) => expect(until(code)).toBe(1000));
  test.each(['cloud-rejected', 'bad-syntax', 'unsupported-attribute', 'invalid-requirements', 'unknown-category'] as const)('%s stands', (code) => expect(until(code)).toBe(86_400_000));
  describe('as a conflict', () => {
    const conflict = { code: 'conflict', reason: 'attached already', uncertain: false } as const;
    const pauses = (again: (order: OrderRecord, now: Date) => Partial<OrderRecord>): number[] => {
      let [order, now] = [makeOrder(), NOW];
      return Array.from({ length: 8 }, () => {
        order = refusedBy(order, PEER, conflict, now, 30_000);
        const pause = new Date(order.refusals[PEER]?.until ?? 0).getTime() - now.getTime();
        now = new Date(now.getTime() + pause);
        order = { ...order, ...again(order, now) };
        return pause;
      });
    };
    test.each<[string, (order: OrderRecord) => Partial<OrderRecord>]>([
      ['of our own cloud, whose tries are given back', () => ({ attempts: 1 })],
      ['of a peer, which begins another incarnation', ({ incarnation }) => ({ attempts: 0, incarnation: incarnation + 1 })],
    ])('%s stands longer each time', (_name, again) => expect(pauses(again)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]));
    test('after long peace stands for a second again', () => {
      const [first, later] = [refusedBy(makeOrder(), PEER, conflict, NOW, 30_000), new Date(NOW.getTime() + 3_600_000)];
      expect(refusedBy(first, PEER, conflict, later, 30_000).refusals[PEER]?.until).toBe(new Date(later.getTime() + 1000).toISOString());
    });
  });
  test('leaves those of others alone', () => {
    const first = refusedBy(makeOrder(), PEER, { code: 'timeout', reason: '', uncertain: false }, NOW, 1000);
    expect(Object.keys(refusedBy(first, SELF, { code: 'timeout', reason: '', uncertain: false }, NOW, 1000).refusals).sort()).toEqual([PEER, SELF].sort());
  });
});
