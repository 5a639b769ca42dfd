import { isPortFree, SetupError } from '@fogbow/embedded-servers';
import { portsOf } from './plan-federation.js';
import type { FederationPlan } from './plan-federation.js';

/** Looks at every port before anything starts: half a federation would be worse than none. */
export async function refuseTakenPorts(plan: FederationPlan): Promise<void> {
  const free = await Promise.all(portsOf(plan).map(async (entry) => ({ ...entry, free: await isPortFree(entry.port) })));
  const taken = free.find((entry) => !entry.free);
  if (taken) throw new SetupError(`Port ${taken.port} (for ${taken.use}) is in use by another program: stop it, or choose other ports with --port-base N.`);
}
