const LONGEST_S = 60;

/** Seconds of `Prefer: wait=N` (RFC 7240 §4.3), at most 60; undefined without it. What cannot be read is no preference. */
export function preferredWait(header: string | undefined): number | undefined {
  const wait = header?.split(',').map((preference) => /^\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:;.*)?$/i.exec(preference)?.[1]).find((found) => found !== undefined);
  return wait === undefined ? undefined : Math.min(Number(wait), LONGEST_S);
}
