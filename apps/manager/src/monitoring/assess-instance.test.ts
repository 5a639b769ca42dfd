import type { OrderState } from '@fogbow/request-model';
import type { Observation } from '../fulfilment/instance-provider.js';
import { makeOrder, NOW, PEER, SELF } from '../testing/make-order.js';
import { assessInstance, explainInstance } from './assess-instance.js';
import { isOrphan } from './find-orphans.js';

const policy = { lostAfterMs: 1000, silence: new Map([[PEER, 2000]]), self: SELF, now: new Date(NOW.getTime() + 60_000), bootDeadlineMs: 120_000, maxFailedBoots: 3, retryAfter: (failed: number) => failed * 1000 };
const present = (state: 'active' | 'inactive' | 'failed', reachable = true): Observation => ({ kind: 'present', state, reachable, instance: { id: 'vm' } });
const gone: Observation = { kind: 'gone' };
const unknown: Observation = { kind: 'unknown', reason: 'timeout: no answer' };
const order = (state: OrderState, changes = {}) => makeOrder({ state, provider: SELF, instance: { id: 'vm' }, ...changes });

describe('assessing an instance', () => {
  test.each([
    ['boots', order('spawning'), present('inactive'), undefined],
    ['runs but cannot be reached yet', order('spawning'), present('active', false), undefined],
    ['is ready', order('spawning'), present('active'), { events: ['ready'], patch: { failedBoots: 0 } }],
    ['failed while booting', order('spawning'), present('failed'), { events: ['boot-failed'], release: [SELF], patch: { incarnation: 2, failedBoots: 1, nextAttemptInMs: 1000 } }],
    ['vanished while booting', order('spawning'), gone, { events: ['boot-failed'] }],
    ['takes too long', order('spawning', { stateSince: new Date(NOW.getTime() - 120_000) }), present('active', false), { events: ['boot-failed'], release: [SELF] }],
    ['failed too often', order('spawning', { failedBoots: 2 }), gone, { events: ['gave-up'], patch: { failedBoots: 3 } }],
    ['failed for a served order: its requester decides', order('spawning', { requester: PEER }), gone, { events: ['gave-up'] }],
    ['goes on', order('fulfilled'), present('active'), undefined],
    ['is stopped, which is not gone', order('fulfilled'), present('inactive'), undefined],
    ['is gone, one-time', order('fulfilled'), gone, { events: ['lost'], release: [SELF] }],
    ['is gone, persistent', order('fulfilled', { type: 'persistent' }), gone, { events: ['lost-reopened'], patch: { incarnation: 2, provider: null, instance: null } }],
    ['is gone, and its provider says why', order('fulfilled', { provider: PEER }), { kind: 'gone', reason: 'it gave way' } as const, { events: ['lost'], reason: `its machine is gone: ${PEER} says: it gave way` }],
    ['is gone, persistent but validity over', order('fulfilled', { type: 'persistent', validUntil: NOW }), gone, { events: ['lost'] }],
    ['failed later', order('fulfilled'), present('failed'), { events: ['lost'], release: [SELF] }],
    ['is not known', order('fulfilled'), { kind: 'unknown', reason: 'away' } as Observation, undefined],
    ['is at a member that is gone, one-time', order('fulfilled', { provider: PEER }), unknown, undefined],
    ['is at a member that is gone, persistent', order('fulfilled', { provider: PEER, type: 'persistent' }), unknown, { events: ['lost-reopened'], release: [PEER], patch: { incarnation: 2 } }],
    ['is at a member that is gone, persistent but validity over', order('fulfilled', { provider: PEER, type: 'persistent', validUntil: NOW }), unknown, undefined],
    ['is at a member that is only slow, persistent', order('fulfilled', { provider: 'manager.c.test', type: 'persistent' }), unknown, undefined],
    ['belongs to an order that was deleted', order('deleted'), gone, undefined],
  ])('a machine that %s', (_name, given, seen, move) => {
    const decided = assessInstance(given, seen, policy);
    if (move) expect(decided).toMatchObject(move);
    else expect(decided).toBeUndefined();
  });
});

test('the owner reads when the member with the machine does not answer, and when it does again', () => {
  const abroad = order('fulfilled', { provider: PEER, reason: 'the machine runs and can be reached' });
  const silent = explainInstance(abroad, unknown, policy);
  expect(silent).toBe(`its machine is at ${PEER}, which does not answer`);
  expect(explainInstance(abroad, present('active'), policy)).toBeUndefined();
  expect(explainInstance({ ...abroad, reason: silent ?? '' }, unknown, policy)).toBeUndefined();
  expect(explainInstance({ ...abroad, reason: silent ?? '' }, present('active'), policy)).toBe('the machine runs and can be reached');
  expect(explainInstance(order('fulfilled'), unknown, policy)).toBeUndefined();
});

describe('orphans', () => {
  test.each([
    ['no order', undefined, 1, true],
    ['an open order is placing it', makeOrder({ state: 'open' }), 1, false],
    ['its own order', order('fulfilled'), 1, false],
    ['a later incarnation', order('spawning', { incarnation: 2 }), 1, true],
    ['served elsewhere', makeOrder({ state: 'pending', provider: PEER }), 1, true],
    ['ended', order('closed'), 1, true],
    ['being deleted', order('deleted'), 1, false],
  ])('%s', (_name, given, incarnation, orphan) => expect(isOrphan(given, { kind: 'compute', incarnation }, SELF)).toBe(orphan));
});
