import { nextState, ORDER_EVENTS, ORDER_STATES, ORDER_TRANSITIONS } from './order-state.js';
import type { OrderState } from './order-state.js';

describe('the table of states', () => {
  test('every state but deleted can be deleted, and deleted leads nowhere', () => {
    for (const state of ORDER_STATES) expect(nextState(state, 'deleted')).toBe(state === 'deleted' ? undefined : 'deleted');
    expect(ORDER_TRANSITIONS.deleted).toEqual({});
  });

  test('every state is reachable from open, and every event is used', () => {
    const reached = new Set<OrderState>(['open']);
    for (const from of reached) for (const to of Object.values(ORDER_TRANSITIONS[from])) reached.add(to);
    expect([...reached].sort()).toEqual([...ORDER_STATES].sort());
    expect([...new Set(Object.values(ORDER_TRANSITIONS).flatMap((row) => Object.keys(row)))].sort()).toEqual([...ORDER_EVENTS].sort());
  });

  test.each([
    ['open', 'accepted-here', 'spawning'], ['open', 'sent-away', 'pending'], ['open', 'expired', 'closed'],
    ['pending', 'answered', 'spawning'], ['pending', 'turned-down', 'open'], ['pending', 'timed-out', 'open'],
    ['spawning', 'ready', 'fulfilled'], ['fulfilled', 'lost', 'closed'], ['fulfilled', 'lost-reopened', 'open'],
  ] as const)('%s by %s is %s (spec §2.1)', (from, event, to) => expect(nextState(from, event)).toBe(to));

  test.each([['closed', 'ready'], ['fulfilled', 'sent-away'], ['open', 'ready'], ['failed', 'accepted-here']] as const)('%s by %s is illegal', (from, event) => {
    expect(nextState(from, event)).toBeUndefined();
  });
});
