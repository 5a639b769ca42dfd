import type { ProcessHost } from './process-host.js';

/** What becomes of one call of a process to a server. */
export interface CallFate {
  /** Until the server acts. */
  readonly afterMs: number;
  /** The server does not act, or its answer gets lost. */
  readonly fault?: 'unanswered' | 'refused' | 'answer-lost' | undefined;
}

export interface RemoteCalls {
  readonly host: ProcessHost;
  after(ms: number, action: () => void): () => void;
  fate(): CallFate;
  /** What the caller sees of a fault. */
  failure(): Error;
}

/**
 * A port of a process to a server of the simulated world. What was sent takes effect though its sender dies or pauses meanwhile; the answer reaches
 * it only while it lives.
 */
export function callOver<T>({ host, after, fate, failure }: RemoteCalls, effect: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (host.isDead()) return;
    const { afterMs, fault } = fate();
    const fail = (): void => host.reach(() => reject(failure()));
    signal?.addEventListener('abort', fail, { once: true });
    after(afterMs, () => {
      if (fault === 'unanswered') return;
      if (fault === 'refused') return fail();
      effect().then((value) => (fault === 'answer-lost' ? fail() : host.reach(() => resolve(value))), (error: unknown) => host.reach(() => reject(error as Error)));
    });
  });
}

/** Every method of the port, over the wire. */
export function portOver<Port extends object>(port: Port, calls: RemoteCalls): Port {
  return Object.fromEntries(Object.entries(port).map(([name, method]) =>
    [name, (...given: unknown[]) => callOver(calls, async () => await (method as (...given: unknown[]) => Promise<unknown>)(...given))])) as Port;
}
