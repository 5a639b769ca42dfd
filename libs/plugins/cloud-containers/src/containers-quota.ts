import { FogbowError } from '@fogbow/plugin-contracts';
import { NOTHING, ONE_NETWORK, oneOf, oneVolume, plus, shortages } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import { sizeIn } from './labels.js';
import type { Labels } from './labels.js';

/** What is there, by its labels: nothing is counted that the engine does not show. */
export interface Holdings {
  readonly machines: readonly { readonly labels: Labels }[];
  readonly volumes: readonly { readonly sizeGb: number }[];
  readonly networks: readonly unknown[];
}

export function usedOf({ machines, volumes, networks }: Holdings): Amount {
  const amounts = [...machines.map(({ labels }) => oneOf(sizeIn(labels))), ...volumes.map(({ sizeGb }) => oneVolume(sizeGb)), ...networks.map(() => ONE_NETWORK)];
  return amounts.reduce(plus, { ...NOTHING, volumes: 0, volumeGb: 0, networks: 0 });
}

/** Throws quota-exceeded with the names of what is short. */
export function requireRoom(limit: Amount, used: Amount, wanted: Amount): void {
  const short = shortages({ limit, used }, wanted);
  if (short.length > 0) throw new FogbowError('quota-exceeded', `The limits of this cloud leave no room: ${short.join(', ')}.`);
}
