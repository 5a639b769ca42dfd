/** NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  return quantileOf(values, 0.5);
}

/** Linear between neighbours; NaN of nothing. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const [below = NaN, above = NaN] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}
