import { ERROR_CATALOGUE, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { FederationLink } from '@fogbow/messaging';
import type { JobQueues, SendMessage, SentError } from '@fogbow/queues';

export interface QueuedLinkOptions {
  readonly queues: JobQueues;
  /** How long an answer is waited for where the caller does not say. */
  readonly timeoutMs: number;
  now(): Date;
}

// What the way through the queue may take beyond the answer itself.
const DETOUR_MS = 2000;

/**
 * The federation link of a process that does not hold it: what it says goes through the queue to the one that does. It
 * hears nothing; what comes from other members is heard there.
 */
export function createQueuedLink({ queues, timeoutMs, now }: QueuedLinkOptions): FederationLink {
  const send = async (call: Omit<SendMessage, 'until'>, waitMs: number): Promise<unknown> => {
    const until = new Date(now().getTime() + waitMs + DETOUR_MS).toISOString();
    const outcome = await queues.request('send-message', { ...call, until }, waitMs + DETOUR_MS);
    if ('error' in outcome) throw fromSentError(outcome.error);
    return outcome.reply;
  };
  return {
    async request<Request, Reply>(to: string, { name }: { name: string }, payload: Request, options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
      const waitMs = options.timeoutMs ?? timeoutMs;
      return await abortable(send({ how: 'request', to, message: name, payload, timeoutMs: waitMs }, waitMs), options.signal) as Reply;
    },
    post: async (to, { name }, payload, { id }) => void await send({ how: 'post', to, message: name, payload, id }, timeoutMs),
    answer: async (to, { name }, id, outcome) => void await send({
      how: 'answer', to, message: name, id, ...(outcome instanceof FogbowError ? { error: toSentError(outcome) } : { payload: outcome }),
    }, timeoutMs),
    handle: () => undefined,
    onLateReply: () => undefined,
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    connected: () => true,
  };
}

export const toSentError = ({ code, message }: FogbowError): SentError => ({ code, message });

function fromSentError({ code, message }: SentError): FogbowError {
  return new FogbowError(code in ERROR_CATALOGUE ? code as ErrorCode : 'internal', message);
}

async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work;
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new FogbowError('unavailable', 'The call was given up.'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  // When the work wins, its own later failure or this one's has no listener any more, and needs none.
  aborted.catch(() => undefined);
  work.catch(() => undefined);
  return await Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', abort));
}
