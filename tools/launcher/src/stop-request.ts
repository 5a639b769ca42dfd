/** Two signals, each given once: stop, and stop at once. */
export interface StopRequest {
  readonly stop: AbortSignal;
  readonly hurry: AbortSignal;
  readonly requested: Promise<void>;
  /** Asks for the stop, as a signal does. */
  ask(): void;
}

/** npm and the terminal both pass on one Ctrl-C, so a second one counts only after this. */
const ECHO_MS = 1000;

/** Turns SIGINT, SIGTERM and SIGHUP into a stop; a second one, later, into hurry. */
export function listenForStop(say: (line: string) => void, now: () => number = () => performance.now()): StopRequest {
  const stop = new AbortController();
  const hurry = new AbortController();
  let first: number | undefined;
  const ask = (): void => {
    if (first === undefined) {
      first = now();
      stop.abort();
    } else if (now() - first > ECHO_MS && !hurry.signal.aborted) {
      say('Hurrying');
      hurry.abort();
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  const requested = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true }));
  return { stop: stop.signal, hurry: hurry.signal, requested, ask };
}
