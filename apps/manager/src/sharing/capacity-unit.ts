import type { Amount } from '@fogbow/request-model';

/** What capacity counts in. */
export const CAPACITY_UNITS = ['instances', 'vcpu'] as const;
export type CapacityUnit = (typeof CAPACITY_UNITS)[number];

export const unitsOf = (amount: Pick<Amount, CapacityUnit>, unit: CapacityUnit): number => amount[unit];
