/** The time limits around one measurement. */
export interface ProbeTimes {
  /** One try, with the login before it and the goodbye after it. */
  readonly tryMs: number;
  /** After so long a try belongs to nobody any more, whatever its worker does. */
  readonly leaseMs: number;
  /** So long the order waits for its measurement, from the first sight of the machine: for several tries and the turns of others, or for one try where that takes long. */
  readonly patienceMs: number;
  /** So long the machine keeps the key, from its boot: the Manager sees it a little later. */
  readonly forgetAfterSeconds: number;
}

const AROUND_MS = 20_000;
const SIGHT_SECONDS = 120;
/** A member that ordered the machine gives up on us after 300 s, if nothing else is set there, and the machine had to boot before. */
const MOST_PATIENCE_MS = 120_000;

/** Pure: all of them follow from how long the probe may take. */
export function planProbe(timeoutSeconds: number): ProbeTimes {
  const tryMs = timeoutSeconds * 1000 + AROUND_MS;
  const patienceMs = Math.max(tryMs, Math.min(2 * tryMs + timeoutSeconds * 1000, MOST_PATIENCE_MS));
  return { tryMs, leaseMs: tryMs + AROUND_MS, patienceMs, forgetAfterSeconds: Math.ceil(patienceMs / 1000) + SIGHT_SECONDS };
}
