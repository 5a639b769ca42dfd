import type { Size } from './flavor.js';

/** What quotas and use are counted in. Where a cloud does not count a dimension it is absent. */
export interface Amount {
  readonly instances: number;
  readonly vcpu: number;
  readonly ramMb: number;
  readonly volumes?: number;
  readonly volumeGb?: number;
  readonly networks?: number;
}

export interface Quota {
  /** Infinity where a dimension is not limited. */
  readonly limit: Amount;
  readonly used: Amount;
}

export const AMOUNT_DIMENSIONS = ['instances', 'vcpu', 'ramMb', 'volumes', 'volumeGb', 'networks'] as const satisfies readonly (keyof Amount)[];

export const NOTHING: Amount = { instances: 0, vcpu: 0, ramMb: 0 };

export function oneOf(size: Pick<Size, 'vcpu' | 'ramMb'>): Amount {
  return { instances: 1, vcpu: size.vcpu, ramMb: size.ramMb };
}

/** What one volume counts. */
export function oneVolume(sizeGb: number): Amount {
  return { ...NOTHING, volumes: 1, volumeGb: sizeGb };
}

/** What one network counts. */
export const ONE_NETWORK: Amount = { ...NOTHING, networks: 1 };

/** Dimensions that neither side counts stay absent. */
export function plus(left: Amount, right: Amount): Amount {
  const counted = AMOUNT_DIMENSIONS.filter((key) => left[key] !== undefined || right[key] !== undefined);
  return { ...NOTHING, ...Object.fromEntries(counted.map((key) => [key, (left[key] ?? 0) + (right[key] ?? 0)])) };
}

/** The dimensions in which the wanted amount does not fit into what is left; empty means that there is room. One without a limit has room. */
export function shortages(quota: Quota, wanted: Amount): (keyof Amount)[] {
  return AMOUNT_DIMENSIONS.filter((key) => (wanted[key] ?? 0) > 0 && (quota.used[key] ?? 0) + (wanted[key] ?? 0) > (quota.limit[key] ?? Infinity));
}
