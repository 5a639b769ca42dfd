/**
 * The signal, which aborts after so many milliseconds too. Node 20 holds what AbortSignal.any was given by weak references alone: a time limit that nobody else holds
 * is gone with the next collection of garbage, and whoever waits under it waits for ever. A listener makes it stay until it is over.
 */
export function limitTime(signal: AbortSignal, ms: number): AbortSignal {
  const limit = AbortSignal.timeout(ms);
  limit.addEventListener('abort', stay, { once: true });
  return AbortSignal.any([signal, limit]);
}

const stay = (): void => undefined;
