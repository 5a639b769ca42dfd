import { FogbowError } from '@fogbow/plugin-contracts';

/** Whoever asks while the same question is under way gets its answer too; the answer may be as old as that question. */
export type SharedQuestion<Answer> = (key: string, signal: AbortSignal, ask: () => Promise<Answer>) => Promise<Answer>;

/**
 * A slow cloud is asked for the same long list by many workers at once, which makes it no faster. Who joins does not share the first
 * one's failure, which may be no more than its time being over, and asks for itself then.
 */
export function createSharedQuestion<Answer>(): SharedQuestion<Answer> {
  const underWay = new Map<string, Promise<Answer>>();
  return async (key, signal, ask) => {
    const others = underWay.get(key);
    if (others) {
      const joined = await unlessAborted(others.then((answer) => ({ answer }), () => undefined), signal);
      if (joined) return joined.answer;
    }
    const own = ask();
    underWay.set(key, own);
    try {
      return await own;
    } finally {
      if (underWay.get(key) === own) underWay.delete(key);
    }
  };
}

/** The answer to a question that others share, for as long as this one has time. */
export function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(new FogbowError('cloud-unavailable', 'OpenStack did not answer in the time for the call.'));
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
