import type { TunnelEndpoint } from '@fogbow/queues';
import type { PortRange } from '../ports/port-table.js';

/** What a host of the tunnel says of itself every few seconds. */
export interface HostWord {
  readonly endpoint: TunnelEndpoint;
  readonly ports: PortRange;
  /** Ports of the range that other programs of that host have. */
  readonly foreign: readonly number[];
  readonly sessions: number;
  /** Milliseconds by the clock of Redis. */
  readonly at: number;
}

/** Silent for longer: nobody should be sent there first. */
export const ALIVE_MS = 10_000;
/** Silent for longer: it is no host any more. Until then a machine may be told it, since it may come back. */
export const FORGOTTEN_MS = 86_400_000;

/** A host is where machines dial it: after a restart it is the same, and so are the two processes of an upgrade. */
export const hostIdOf = ({ dialHost, dialPort }: { readonly dialHost: string; readonly dialPort: number }): string => `${dialHost}:${dialPort}`;

/** Pure: the endpoints to tell machines, our own first, then who is alive, then who was not long ago. */
export function endpointsOf(own: TunnelEndpoint, hosts: readonly HostWord[], now: number): { readonly endpoints: readonly TunnelEndpoint[]; readonly alive: number } {
  const others = hosts.filter(({ endpoint, at }) => hostIdOf(endpoint) !== hostIdOf(own) && now - at <= FORGOTTEN_MS);
  const rank = ({ at }: HostWord): number => (now - at <= ALIVE_MS ? 0 : 1);
  const sorted = [...others].sort((a, b) => rank(a) - rank(b) || (hostIdOf(a.endpoint) < hostIdOf(b.endpoint) ? -1 : 1));
  return { endpoints: [own, ...sorted.map(({ endpoint }) => endpoint)], alive: 1 + sorted.filter((host) => rank(host) === 0).length };
}

/** Pure: can all other hosts that are alive open this port too? A grant has the same port at each of them. */
export function isOpenElsewhere(own: TunnelEndpoint, hosts: readonly HostWord[], now: number): (port: number) => boolean {
  const alive = hosts.filter(({ endpoint, at }) => hostIdOf(endpoint) !== hostIdOf(own) && now - at <= ALIVE_MS);
  const foreign = new Set(alive.flatMap((host) => host.foreign));
  return (port) => !foreign.has(port) && alive.every(({ ports }) => port >= ports.from && port <= ports.to);
}

/** As it was written to Redis; undefined for anything else. */
export function readHostWord(text: string): HostWord | undefined {
  try {
    const { endpoint, ports, foreign, sessions, at } = JSON.parse(text) as HostWord;
    const isWhole = [endpoint.dialHost, endpoint.publicHost, endpoint.hostKey].every((one) => typeof one === 'string') && [endpoint.dialPort, ports.from, ports.to, sessions, at].every(Number.isFinite) && Array.isArray(foreign);
    return isWhole ? { endpoint, ports, foreign, sessions, at } : undefined;
  } catch {
    return undefined;
  }
}
