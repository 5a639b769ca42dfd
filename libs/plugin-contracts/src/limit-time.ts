import { setMaxListeners } from 'node:events';

/**
 * The signal, which aborts after so many milliseconds too. Not by AbortSignal.any: Node 20 holds what that was given by weak references alone, so that a time limit
 * which nobody else holds is gone with the next collection of garbage, and whoever waits under it waits for ever; and a signal that lives long remembers every one
 * that was made of it. This one is held until it is over, and then by nobody.
 */
export function limitTime(signal: AbortSignal, ms: number): AbortSignal {
  if (signal.aborted) return signal;
  const limited = new AbortController();
  const passOn = (): void => {
    clearTimeout(timer);
    limited.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', passOn);
    limited.abort(new DOMException('The time for it is over.', 'TimeoutError'));
  }, ms);
  timer.unref();
  // Many calls that are under way listen to one signal, that of the process.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', passOn, { once: true });
  return limited.signal;
}
