import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient, OrderView } from '../api-client.js';

/** A user who orders machines one after the other, and deletes each a while after it was ready. Whatever is not answered is asked again. */
export interface SteadyOrders {
  /** Answered orders, and what became of them as far as their user has seen. */
  readonly accepted: ReadonlyMap<string, Fate>;
  /** Calls that failed and were made again. */
  readonly retries: number;
  /** Begins nothing new. Resolves when nothing is under way any more but the wait for machines. */
  stop(): Promise<void>;
}

export interface Fate {
  readonly orderedAt: number;
  readyAt?: number;
  deletedAt?: number;
}

export interface OrdersOptions {
  readonly api: () => ApiClient;
  readonly publicKey: string;
  readonly everyMs: number;
  /** So many live at a time. */
  readonly most: number;
  /** From 0 to 1; the plan's own. */
  readonly next: () => number;
}

const AGAIN_MS = 500;
const LOOK_MS = 1000;
const KEPT_MS = { least: 2000, most: 15_000 };

export function startOrders({ api, publicKey, everyMs, most, next }: OrdersOptions): SteadyOrders {
  const accepted = new Map<string, Fate>();
  const state = { retries: 0, stopped: false };
  const running = new Set<Promise<void>>();
  const insist = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch {
        state.retries += 1;
        await pause(AGAIN_MS);
      }
    }
  };
  const live = async (): Promise<void> => {
    const key = randomUUID();
    const [id = ''] = await insist(() => api().submit({ flavor: 'small', publicKey }, key));
    const fate: Fate = { orderedAt: performance.now() };
    accepted.set(id, fate);
    const isReady = (order: OrderView | undefined): boolean => order?.state === 'fulfilled';
    while (!state.stopped && !isReady(await insist(() => api().show(id)))) await pause(LOOK_MS);
    if (state.stopped) return;
    fate.readyAt = performance.now();
    await pause(KEPT_MS.least + next() * (KEPT_MS.most - KEPT_MS.least));
    if (state.stopped) return;
    await insist(async () => { if (await api().show(id)) await api().remove(id); });
    fate.deletedAt = performance.now();
  };
  const timer = setInterval(() => {
    if (running.size >= most) return;
    const one: Promise<void> = live().finally(() => running.delete(one));
    running.add(one);
  }, everyMs);
  return {
    accepted,
    get retries() { return state.retries; },
    async stop() {
      clearInterval(timer);
      state.stopped = true;
      await Promise.all(running);
    },
  };
}
