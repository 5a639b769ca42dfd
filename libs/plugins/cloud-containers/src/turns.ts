import { FogbowError } from '@fogbow/plugin-contracts';

/** Steps of this process one after the other, in the order in which they were asked for. */
export interface Turns {
  /** Rejects with cloud-unavailable when the signal aborts before the step could begin. */
  take<Result>(signal: AbortSignal, step: () => Promise<Result>): Promise<Result>;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return {
    take(signal, step) {
      const turn = last.then(() => {
        if (signal.aborted) throw new FogbowError('cloud-unavailable', 'The container engine was too busy: the time for this call is over.', { cause: signal.reason });
        return step();
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
