import type { OrderState } from '@fogbow/request-model';
import { createBatcher } from '@fogbow/service-runtime';
import type { Clock } from '@fogbow/service-runtime';
import { isDatabaseAway } from '@fogbow/storage';
import type { OrderRecord } from './order-record.js';
import type { OrderStore } from './order-store.js';

export interface WaitOptions {
  readonly store: Pick<OrderStore, 'getMany'>;
  readonly clock: Clock;
}

/** Resolves when none of the orders is on its way any more, after `limitMs`, or when the signal aborts: to the states last seen of those that were there. */
export type WaitForOrders = (ids: readonly string[], limitMs: number, signal: AbortSignal) => Promise<ReadonlyMap<string, OrderState>>;

/** The orders are stored already: a database that is away for a moment must not turn their ids into an error. */
function nothingSeen(error: unknown): undefined {
  if (!isDatabaseAway(error)) throw error;
}

const PERIOD_MS = 150;
const LOOK_TOGETHER = 100;
const ON_ITS_WAY: readonly OrderState[] = ['open', 'pending', 'spawning'];

/** Use case: hold an answer until orders have a machine or will never have one. All who wait share their looks, one at a time, however many they are. */
export function createWaitForOrders({ store, clock }: WaitOptions): WaitForOrders {
  const look = createBatcher<readonly string[], readonly OrderRecord[]>({
    maxItems: LOOK_TOGETHER, splitOnFailure: false, run: async (lists) => {
      const found = new Map((await store.getMany([...new Set(lists.flat())])).map((order) => [order.id, order]));
      return lists.map((ids) => ids.flatMap((id) => found.get(id) ?? []));
    },
  });
  return async (ids, limitMs, signal) => {
    const end = clock.uptime() + limitMs;
    const states = new Map<string, OrderState>();
    for (let waiting = ids; ;) {
      const seen = await look(waiting).catch(nothingSeen);
      for (const { id, state } of seen ?? []) states.set(id, state);
      // Who is settled is not asked for again; who is gone is settled.
      if (seen) waiting = seen.filter(({ state }) => ON_ITS_WAY.includes(state)).map(({ id }) => id);
      const left = end - clock.uptime();
      if (left <= 0 || signal.aborted || waiting.length === 0) return states;
      await clock.sleep(Math.min(PERIOD_MS, left), signal);
    }
  };
}
