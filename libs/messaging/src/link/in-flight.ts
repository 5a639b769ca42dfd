import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import { systemTimers } from '@fogbow/service-runtime';
import { createShares } from './shares.js';
import type { Iq } from './stanza.js';

export interface InFlight {
  /** The answer to `id` from `to`. Rejects with timeout, unavailable (abort, lost connection) or too-many-requests. */
  wait(id: string, to: MemberId, limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }): Promise<Iq>;
  /** False when nobody waits for it, or it comes from somebody else than was asked. */
  settle(answer: Iq): boolean;
  fail(id: string, error: FogbowError): void;
  failAll(error: FogbowError): void;
}

interface Waiter {
  readonly to: MemberId;
  resolve(answer: Iq): void;
  reject(error: FogbowError): void;
}

/** The requests of one link that wait for their answers. */
export function createInFlight(max: number, timers = systemTimers): InFlight {
  const waiters = new Map<string, Waiter>();
  const shares = createShares(max);
  const fail = (id: string, error: FogbowError): void => waiters.get(id)?.reject(error);
  return {
    wait: (id, to, { timeoutMs, signal }) => new Promise((resolve, reject) => {
      const leave = shares.take(to);
      if (!leave) return reject(new FogbowError('too-many-requests', `Too many requests to ${to}, or to all members, wait already.`));
      const aborted = (): void => fail(id, new FogbowError('unavailable', 'The request was given up.', { cause: signal?.reason }));
      const disarm = timers.after(timeoutMs, () => fail(id, new FogbowError('timeout', `${to} did not answer within ${timeoutMs} ms.`)));
      const end = <Value>(action: (value: Value) => void) => (value: Value): void => {
        waiters.delete(id);
        leave();
        disarm();
        signal?.removeEventListener('abort', aborted);
        action(value);
      };
      waiters.set(id, { to, resolve: end(resolve), reject: end(reject) });
      signal?.addEventListener('abort', aborted);
      if (signal?.aborted) aborted();
    }),
    settle(answer) {
      const waiter = waiters.get(answer.id);
      if (waiter?.to !== answer.from) return false;
      waiter.resolve(answer);
      return true;
    },
    fail,
    failAll: (error) => { for (const id of [...waiters.keys()]) fail(id, error); },
  };
}
