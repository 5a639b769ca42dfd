import { medianOf } from '../quantiles.js';

/** One number at a time; the time in seconds. */
export interface Point {
  readonly seconds: number;
  readonly value: number;
}

export interface Growth {
  /** Median of the points that were judged. */
  readonly level: number;
  /** In units an hour. */
  readonly perHour: number;
}

const WINDOWS = 30;
const HOUR = 3600;

/**
 * How a quantity grows once it has settled, whatever noise lies upon it: of the last three quarters the least of each of thirty windows (what comes and goes
 * with the load is above it), and of these the median of the slopes between any two (Theil and Sen: no few points bend it). Undefined for fewer than two windows.
 */
export function growthOf(points: readonly Point[]): Growth | undefined {
  const last = points.at(-1)?.seconds ?? 0;
  const settled = points.filter(({ seconds }) => seconds >= last / 4);
  const floor = leastOfWindows(settled, WINDOWS);
  const slopes = floor.flatMap((one, index) => floor.slice(index + 1).map((other) => (other.value - one.value) / (other.seconds - one.seconds)));
  if (slopes.length === 0) return undefined;
  return { level: medianOf(floor.map(({ value }) => value)), perHour: medianOf(slopes) * HOUR };
}

/** The lowest point of each of so many windows of equal length; windows without a point are left out. */
export function leastOfWindows(points: readonly Point[], windows: number): Point[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const width = (last.seconds - first.seconds) / windows || 1;
  const least = new Map<number, Point>();
  for (const point of points) {
    const window = Math.min(windows - 1, Math.floor((point.seconds - first.seconds) / width));
    const before = least.get(window);
    if (!before || point.value < before.value) least.set(window, point);
  }
  return [...least].sort(([one], [other]) => one - other).map(([, point]) => point);
}
