import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient, NewOrder } from '../api-client.js';

/** Clients that order at a steady pace, each time at another API; one that does not answer is left for the next, with the same key. */
export interface OrderStream {
  /** Orders that were answered so far, by the API that did. */
  readonly answered: ReadonlyMap<string, string>;
  /** Tries that were not answered, or not well. */
  readonly failures: readonly string[];
  /** Ends the stream once every order that was begun is answered, or its patience is over. */
  stop(): Promise<void>;
}

export interface StreamOptions {
  readonly apis: readonly { readonly name: string; readonly client: ApiClient }[];
  readonly order: NewOrder;
  readonly everyMs: number;
  /** How long one order is tried for; then `stop` rejects. */
  readonly patienceMs: number;
}

const AGAIN_MS = 100;

export function startOrderStream({ apis, order, everyMs, patienceMs }: StreamOptions): OrderStream {
  const answered = new Map<string, string>();
  const failures: string[] = [];
  const running = new Set<Promise<void>>();
  const lost: string[] = [];
  const place = async (first: number): Promise<void> => {
    const [key, end] = [randomUUID(), performance.now() + patienceMs];
    for (let turn = first; ; turn += 1) {
      const { name, client } = apis[turn % apis.length] as (typeof apis)[number];
      try {
        const [id = ''] = await client.submit(order, key);
        return void answered.set(id, name);
      } catch (error) {
        failures.push(`${name}: ${(error as Error).message}`);
      }
      if (performance.now() > end) return void lost.push(key);
      await pause(AGAIN_MS);
    }
  };
  let count = 0;
  const timer = setInterval(() => {
    const one: Promise<void> = place(count).finally(() => running.delete(one));
    running.add(one);
    count += 1;
  }, everyMs);
  return {
    answered, failures,
    async stop() {
      clearInterval(timer);
      await Promise.all(running);
      if (lost.length > 0) throw new Error(`${lost.length} of ${count} orders were never answered; ${failures.slice(-3).join('; ')}`);
      if (answered.size !== count) throw new Error(`${count} orders have ${answered.size} answers`);
    },
  };
}
