import { setTimeout as pause } from 'node:timers/promises';
import type { ManagerClient } from '../api/manager-client.js';
import type { OrderView } from '../api/views.js';
import { CliError, EXIT } from '../cli-error.js';
import { isSettled } from './order-line.js';

export interface WatchOptions {
  readonly client: ManagerClient;
  readonly ids: readonly string[];
  readonly signal: AbortSignal;
  readonly onChange: (orders: readonly OrderView[]) => void;
  /** Absent: as long as it takes. */
  readonly timeoutMs?: number;
  /** Pause between two looks where the Manager tells no events; default 1 s. With events: ten times that. */
  readonly pollMs?: number;
}

const WITH_EVENTS = 10;

/**
 * Looks at the orders until all are settled, and again on each event of theirs; resolves to how they are at the end. What an event says is
 * only a reason to look: the order itself is the truth. Rejects when the time is over or the watcher is interrupted; the orders go on.
 */
export async function watchOrders(options: WatchOptions): Promise<OrderView[]> {
  const ended = new AbortController();
  const waker = createWaker();
  const events = listen(options, ended.signal, waker);
  const deadline = options.timeoutMs === undefined ? undefined : setTimeout(() => ended.abort('timeout'), options.timeoutMs);
  const interrupt = (): void => ended.abort('interrupt');
  options.signal.addEventListener('abort', interrupt, { once: true });
  try {
    for (;;) {
      const orders = await look(options);
      options.onChange(orders);
      if (orders.every(isSettled)) return orders;
      await waker.wait((options.pollMs ?? 1000) * (waker.isFed ? WITH_EVENTS : 1), ended.signal);
      if (ended.signal.aborted) throw unfinished(ended.signal.reason as string, orders);
    }
  } finally {
    options.signal.removeEventListener('abort', interrupt);
    clearTimeout(deadline);
    ended.abort('done');
    await events;
  }
}

function unfinished(reason: string, orders: readonly OrderView[]): CliError {
  const advice = `Go on watching with: fogbow order watch ${orders.filter((order) => !isSettled(order)).map(({ id }) => id).join(' ')}`;
  if (reason === 'timeout') return new CliError('The orders are not settled yet and the time is over. They go on.', EXIT.refused, { advice });
  return new CliError('Stopped watching. The orders go on.', EXIT.interrupted, { advice });
}

const AT_ONCE = 20;

/** All of them as they are now. An order that was deleted and purged meanwhile counts as deleted. */
async function look({ client, ids }: WatchOptions): Promise<OrderView[]> {
  const found: OrderView[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    found.push(...await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => client.orders.show(id).catch((error: unknown) => gone(id, error)))));
  }
  return found;
}

function gone(id: string, error: unknown): OrderView {
  if (error instanceof CliError && error.status === 404) return { id, kind: '', state: 'deleted', reason: 'There is no such order any more.' };
  throw error;
}

interface Waker {
  /** Somebody wakes us when there is news. */
  isFed: boolean;
  wake(): void;
  /** Resolves at the wake-up, after the time or at the abort, whatever comes first; at once when the wake-up came before. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

function createWaker(): Waker {
  let isDue = false;
  let stopPause = new AbortController();
  return {
    isFed: false,
    wake() {
      isDue = true;
      stopPause.abort();
    },
    async wait(ms, signal) {
      if (!isDue) await pause(ms, undefined, { signal: AbortSignal.any([stopPause.signal, signal]) }).catch(() => undefined);
      isDue = false;
      stopPause = new AbortController();
    },
  };
}

/** Managers without events are looked at more often instead; so nothing here is an error. */
async function listen({ client, ids }: WatchOptions, signal: AbortSignal, waker: Waker): Promise<void> {
  try {
    for await (const event of client.events({ signal, onBreak: () => { waker.isFed = false; waker.wake(); } })) {
      waker.isFed = true;
      if (ids.includes(event.orderId)) waker.wake();
    }
  } catch {
    waker.isFed = false;
  }
}
