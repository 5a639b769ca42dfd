/** How long to wait (ms) after so many bytes, so that no more than `bytesPerSecond` go through; half a second's worth may go at once. 0: no limit. Pure. */
export function createBandwidth(bytesPerSecond: number, now: () => number): (bytes: number) => number {
  if (bytesPerSecond <= 0) return () => 0;
  const burst = bytesPerSecond / 2;
  let left = burst;
  let at = now();
  return (bytes) => {
    left = Math.min(burst, left + (now() - at) * bytesPerSecond / 1000) - bytes;
    at = now();
    return left >= 0 ? 0 : Math.ceil(-left * 1000 / bytesPerSecond);
  };
}
