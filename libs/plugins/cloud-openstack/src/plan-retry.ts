/** What became of one try. */
export interface Tried {
  readonly method: string;
  /** Absent: no answer came. */
  readonly status?: number;
  /** It was waited for in vain: the service has too much to do already. */
  readonly timedOut?: boolean;
  readonly retryAfter?: string | undefined;
  /** 1 for the first. */
  readonly attempt: number;
  readonly now: Date;
}

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** The service has not begun: asking again is safe whatever was asked. */
const NOT_BEGUN = [429, 503];
/** An intermediate or the service itself broke off: only what may be done twice is asked again. */
const BROKEN = [500, 502, 504];

/** Pure: how long to wait before the same request is sent again, in ms; undefined when its outcome stands. */
export function planRetry({ method, status, timedOut, retryAfter, attempt, now }: Tried): number | undefined {
  const repeatable = method !== 'POST';
  const worthIt = status === undefined || BROKEN.includes(status) ? repeatable : NOT_BEGUN.includes(status);
  if (!worthIt || timedOut || attempt >= ATTEMPTS) return undefined;
  const own = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return Math.min(Math.max(pauseIn(retryAfter, now) ?? own, 0), LONGEST_PAUSE_MS);
}

/** RFC 9110 §10.2.3: seconds or a date. */
function pauseIn(retryAfter: string | undefined, now: Date): number | undefined {
  if (retryAfter === undefined || retryAfter.trim() === '') return undefined;
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter) * 1000;
  const at = Date.parse(retryAfter);
  return Number.isNaN(at) ? undefined : at - now.getTime();
}
