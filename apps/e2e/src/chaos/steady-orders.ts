import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AnswerError } from '../api-client.js';
import type { ApiClient } from '../api-client.js';

/** A user who orders machines one after the other, and deletes each a while after it was ready. What is not answered is asked again, what is refused is not. */
export interface SteadyOrders {
  /** Answered orders, and what became of them as far as their user has seen. */
  readonly accepted: ReadonlyMap<string, Fate>;
  /** Calls that failed and were made again. */
  readonly retries: number;
  /** Sentences on calls that were refused or never answered, and on orders that vanished. */
  readonly faults: readonly string[];
  /** Begins nothing new. Resolves when nothing is under way any more but the wait for machines, after the patience for one call at the latest. */
  stop(): Promise<void>;
}

export interface Fate {
  readonly orderedAt: number;
  readyAt?: number;
  /** When the user first asked for it; an order that is gone before is lost. */
  deleteSentAt?: number;
  deletedAt?: number;
}

export interface OrdersOptions {
  readonly api: () => Pick<ApiClient, 'submit' | 'show' | 'remove'>;
  readonly publicKey: string;
  readonly everyMs: number;
  /** So many live at a time. */
  readonly most: number;
  /** From 0 to 1; the plan's own. */
  readonly next: () => number;
  /** How long one call is made again and again. */
  readonly patienceMs: number;
  /** How long a machine is kept. Default: 2 to 15 s. */
  readonly keptMs?: { readonly least: number; readonly most: number };
  /** Between two looks, and between two tries of a call. */
  readonly lookMs?: number;
}

const KEPT_MS = { least: 2000, most: 15_000 };
/** What a client is told by these is that it should come again. */
const COME_AGAIN = [408, 425, 429];

/** The order is not there, and nobody has deleted it. */
class LostError extends Error {}

const isFinal = (error: unknown): boolean =>
  error instanceof LostError || (error instanceof AnswerError && error.status >= 400 && error.status < 500 && !COME_AGAIN.includes(error.status));

export function startOrders({ api, publicKey, everyMs, most, next, patienceMs, keptMs = KEPT_MS, lookMs = 1000 }: OrdersOptions): SteadyOrders {
  const accepted = new Map<string, Fate>();
  const state = { retries: 0, stopped: false };
  const faults: string[] = [];
  const running = new Set<Promise<void>>();
  const insist = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    for (const end = performance.now() + patienceMs; ;) {
      try {
        return await call();
      } catch (error) {
        const { message } = error as Error;
        if (isFinal(error)) throw new Error(`${what}: ${message}`, { cause: error });
        if (performance.now() > end) throw new Error(`${what} was not answered in ${patienceMs / 1000} s, the last time: ${message}`, { cause: error });
        state.retries += 1;
        await pause(lookMs / 2);
      }
    }
  };
  const isReady = async (id: string): Promise<boolean> => {
    const order = await api().show(id);
    if (!order) throw new LostError('it has vanished before anybody deleted it');
    return order.state === 'fulfilled';
  };
  /** A call that was not answered may have done its work all the same. */
  const remove = async (id: string, fate: Fate): Promise<void> => {
    const isFirst = fate.deleteSentAt === undefined;
    if (!(await api().show(id))) {
      if (isFirst) throw new LostError('it has vanished before anybody deleted it');
      return;
    }
    fate.deleteSentAt ??= performance.now();
    await api().remove(id).catch((error: unknown) => {
      if (isFirst || !(error instanceof AnswerError && error.status === 404)) throw error;
    });
  };
  const live = async (): Promise<void> => {
    const key = randomUUID();
    const [id = ''] = await insist('an order', () => api().submit({ flavor: 'small', publicKey }, key));
    const fate: Fate = { orderedAt: performance.now() };
    accepted.set(id, fate);
    while (!state.stopped && !(await insist(`a look at order ${id}`, () => isReady(id)))) await pause(lookMs);
    if (state.stopped) return;
    fate.readyAt = performance.now();
    await pause(keptMs.least + next() * (keptMs.most - keptMs.least));
    if (state.stopped) return;
    await insist(`the deletion of order ${id}`, () => remove(id, fate));
    fate.deletedAt = performance.now();
  };
  const timer = setInterval(() => {
    if (running.size >= most) return;
    const one: Promise<void> = live().catch((error: unknown) => void faults.push((error as Error).message)).finally(() => running.delete(one));
    running.add(one);
  }, everyMs);
  return {
    accepted, faults,
    get retries() { return state.retries; },
    async stop() {
      clearInterval(timer);
      state.stopped = true;
      await Promise.all(running);
    },
  };
}
