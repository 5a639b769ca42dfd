import type { GrantsMade, TunnelEndpoint } from '@fogbow/queues';
import { FogbowError } from '@fogbow/plugin-contracts';

/**
 * Pure: the hosts of the tunnel that a machine is told, the one to dial first at the head. Without a wish of the operator machines begin at different hosts that are
 * alive; who was silent comes last, since it may come back. `wanted` has hosts as machines dial them, with or without the port; throws `unavailable` where none is known.
 */
export function chooseEndpoints({ endpoint, endpoints = [endpoint], alive = endpoints.length }: Omit<GrantsMade, 'grants'>, grantId: string, wanted: readonly string[]): readonly TunnelEndpoint[] {
  if (wanted.length > 0) return wantedOf(endpoints, wanted);
  const first = endpoints.slice(0, alive);
  const turn = first.length > 1 ? sumOf(grantId) % first.length : 0;
  return [...first.slice(turn), ...first.slice(0, turn), ...endpoints.slice(alive)];
}

function wantedOf(endpoints: readonly TunnelEndpoint[], wanted: readonly string[]): readonly TunnelEndpoint[] {
  const chosen = new Set(wanted.flatMap((name) => endpoints.filter(({ dialHost, dialPort }) => name === dialHost || name === `${dialHost}:${dialPort}`)));
  if (chosen.size === 0) throw new FogbowError('unavailable', `the tunnel has none of the hosts of tunnel.endpoints: ${wanted.join(', ')}`);
  return [...chosen];
}

const sumOf = (text: string): number => [...text].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 7);
