import { readFileSync } from 'node:fs';
import { isPortFree, SetupError } from '@fogbow/embedded-servers';
import { portsOf } from './plan-federation.js';
import type { FederationPlan } from './plan-federation.js';

/** Looks at every port before anything starts: half a federation would be worse than none. */
export async function refuseTakenPorts(plan: FederationPlan): Promise<void> {
  const free = await Promise.all(portsOf(plan).map(async (entry) => ({ ...entry, free: await isPortFree(entry.port) })));
  const taken = free.find((entry) => !entry.free);
  if (taken) throw new SetupError(`Port ${taken.port} (for ${taken.use}) is in use by another program: stop it, or choose other ports with --port-base N.`);
}

/** A sentence when the system may give our ports to outgoing connections, which then hold them as long as they live; Linux only. */
export function ephemeralPortsWarning(plan: FederationPlan, range = localPortRange()): string | undefined {
  const within = range && portsOf(plan).find((entry) => entry.port >= range.from && entry.port <= range.to);
  if (!within) return undefined;
  return `Port ${within.port} lies where the system takes the ports of outgoing connections from (${range.from} to ${range.to}): a later start may find it taken. A --port-base below is safer.`;
}

function localPortRange(): { from: number; to: number } | undefined {
  try {
    const [from = 0, to = 0] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').trim().split(/\s+/).map(Number);
    return { from, to };
  } catch {
    return undefined;
  }
}
