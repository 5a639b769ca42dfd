import type { OrderState } from '@fogbow/request-model';
import type { Clock } from '@fogbow/service-runtime';
import type { OrderStore } from './order-store.js';

export interface WaitOptions {
  readonly store: Pick<OrderStore, 'getMany'>;
  readonly clock: Clock;
}

/** Resolves when none of the orders is on its way any more, after `limitMs`, or when the signal aborts: to what is left of them by then. */
export type WaitForOrders = (ids: readonly string[], limitMs: number, signal: AbortSignal) => Promise<ReadonlyMap<string, OrderState>>;

const PERIOD_MS = 150;
const ON_ITS_WAY: readonly OrderState[] = ['open', 'pending', 'spawning'];

/** Use case: hold an answer until orders have a machine or will never have one. */
export function createWaitForOrders({ store, clock }: WaitOptions): WaitForOrders {
  return async (ids, limitMs, signal) => {
    const end = clock.uptime() + limitMs;
    for (;;) {
      const states = new Map((await store.getMany(ids)).map(({ id, state }) => [id, state] as const));
      const left = end - clock.uptime();
      if (left <= 0 || signal.aborted || ![...states.values()].some((state) => ON_ITS_WAY.includes(state))) return states;
      await clock.sleep(Math.min(PERIOD_MS, left), signal);
    }
  };
}
