/**
 * The life of an order as data (spec §2.1). The table is the only place that says which move is legal; the store
 * applies a move by compare-and-set against it.
 */
export const ORDER_STATES = ['open', 'pending', 'spawning', 'fulfilled', 'deleted', 'closed', 'failed'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const ORDER_EVENTS = [
  'accepted-here', // our own cloud took the request
  'sent-away', // another member was asked
  'answered', // the other member has an instance for us
  'turned-down', // the other member refused
  'timed-out', // the other member said nothing for too long
  'ready', // the instance runs and can be logged in to
  'boot-failed', // the instance failed or vanished before it was ready; try again
  'gave-up', // it failed too often, or can never succeed
  'lost', // a ready instance is gone and the order ends
  'lost-reopened', // a ready instance is gone and the order wants another
  'expired', // the validity window is over
  'deleted', // the owner (or, for a served order, the requester) wants it gone
] as const;
export type OrderEvent = (typeof ORDER_EVENTS)[number];

/** state × event → state; an absent entry is an illegal move. `deleted` ends by the row being purged. */
export const ORDER_TRANSITIONS: Readonly<Record<OrderState, Readonly<Partial<Record<OrderEvent, OrderState>>>>> = {
  open: { 'accepted-here': 'spawning', 'sent-away': 'pending', expired: 'closed', 'gave-up': 'failed', deleted: 'deleted' },
  pending: { answered: 'spawning', 'turned-down': 'open', 'timed-out': 'open', deleted: 'deleted' },
  spawning: { ready: 'fulfilled', 'boot-failed': 'open', 'gave-up': 'failed', deleted: 'deleted' },
  fulfilled: { lost: 'closed', 'lost-reopened': 'open', deleted: 'deleted' },
  deleted: {},
  closed: { deleted: 'deleted' },
  failed: { deleted: 'deleted' },
};

/** The state after the event, or undefined where the move is illegal. */
export function nextState(state: OrderState, event: OrderEvent): OrderState | undefined {
  return ORDER_TRANSITIONS[state][event];
}

/** States in which an instance exists or may exist for the order. */
export const STATES_WITH_INSTANCE: readonly OrderState[] = ['spawning', 'fulfilled'];

/** States that end an order unless its owner deletes it. */
export const FINAL_STATES: readonly OrderState[] = ['closed', 'failed'];
