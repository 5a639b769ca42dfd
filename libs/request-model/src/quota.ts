import type { Size } from './flavor.js';

/** An amount of machines; the unit in which quotas and use are counted. */
export interface Amount {
  readonly instances: number;
  readonly vcpu: number;
  readonly ramMb: number;
}

export interface Quota {
  /** Infinity where a dimension is not limited. */
  readonly limit: Amount;
  readonly used: Amount;
}

export const NOTHING: Amount = { instances: 0, vcpu: 0, ramMb: 0 };

export function oneOf(size: Pick<Size, 'vcpu' | 'ramMb'>): Amount {
  return { instances: 1, vcpu: size.vcpu, ramMb: size.ramMb };
}

export function plus(left: Amount, right: Amount): Amount {
  return { instances: left.instances + right.instances, vcpu: left.vcpu + right.vcpu, ramMb: left.ramMb + right.ramMb };
}

/** The dimensions in which the wanted amount does not fit into what is left; empty means that there is room. */
export function shortages(quota: Quota, wanted: Amount): (keyof Amount)[] {
  return (['instances', 'vcpu', 'ramMb'] as const).filter((key) => quota.used[key] + wanted[key] > quota.limit[key]);
}
