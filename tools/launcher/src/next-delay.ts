const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
/** Who ran this long was well: counting begins anew. */
const STEADY_MS = 60_000;

/** How long to wait before a restart: doubles with each quick death in a row, up to 30 s. */
export function nextDelay(failures: number, livedMs: number, firstMs = FIRST_MS): { delayMs: number; count: number } {
  const before = livedMs >= STEADY_MS ? 0 : failures;
  return { delayMs: Math.min(LONGEST_MS, firstMs * 2 ** before), count: before + 1 };
}
