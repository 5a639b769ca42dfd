import { isFogbowError, limitTime } from '@fogbow/plugin-contracts';
import { noRoom } from './image-errors.js';

/** What becomes of an image right now, for those who wait and for the log. */
export interface Progress {
  /** A few words: `43 % of 2.1 GB`. */
  tell(words: string): void;
}

export interface WaitOptions {
  readonly signal: AbortSignal;
  /** Longest wait; absent: until the signal. */
  readonly patienceMs?: number | undefined;
}

/** Work that many may wait for and that none of them stops: who asks again finds it further on, or done. */
export interface WorkUnderWay {
  /** Joins the work of that key, or begins it. Who cannot wait for its end is told how far it is. */
  share<Result>(key: string, name: string, wait: WaitOptions, work: (signal: AbortSignal, progress: Progress) => Promise<Result>): Promise<Result>;
  /** Stops all of it. */
  close(): Promise<void>;
}

interface Work {
  readonly result: Promise<unknown>;
  words: string;
}

/** What was found out at the cost of a download is not found out anew by every order. */
const FAULT_KEPT_MS = 30_000;
const isStanding = (error: unknown): boolean => isFogbowError(error) && ['cloud-rejected', 'quota-exceeded', 'no-valid-host'].includes(error.code);

export function createWorkUnderWay(): WorkUnderWay {
  const all = new Map<string, Work>();
  const closing = new AbortController();
  const begin = <Result>(key: string, work: (signal: AbortSignal, progress: Progress) => Promise<Result>): Work => {
    const told: { words: string } = { words: 'it has just begun' };
    const result = work(closing.signal, { tell: (words) => { told.words = words; } });
    const forget = (): void => void (all.get(key) === begun && all.delete(key));
    // Perhaps nobody waits any more.
    result.then(forget, (error: unknown) => (isStanding(error) ? void setTimeout(forget, FAULT_KEPT_MS).unref() : forget()));
    const begun: Work = { result, get words() { return told.words; } };
    all.set(key, begun);
    return begun;
  };
  return {
    share<Result>(key: string, name: string, { signal, patienceMs }: WaitOptions, work: (signal: AbortSignal, progress: Progress) => Promise<Result>): Promise<Result> {
      const joined = all.get(key) ?? begin(key, work);
      const end = patienceMs === undefined ? signal : limitTime(signal, patienceMs);
      return new Promise((resolve, reject) => {
        const leave = (): void => reject(noRoom(`The image ${name} is not here yet: ${joined.words}.`));
        if (end.aborted) return leave();
        end.addEventListener('abort', leave, { once: true });
        (joined.result as Promise<Result>).then(resolve, reject).finally(() => end.removeEventListener('abort', leave));
      });
    },
    async close() {
      closing.abort(noRoom('This process is stopping.'));
      await Promise.allSettled([...all.values()].map(({ result }) => result));
    },
  };
}
