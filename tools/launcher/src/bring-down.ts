import type { Federation } from './bring-up.js';
import { stopLeftovers, stopMachines } from './stop-leftovers.js';

export interface BringDownOptions {
  readonly data: string;
  readonly root: string;
  readonly hurry: AbortSignal;
  readonly say: (line: string) => void;
}

/** Stops what was started, in the order that loses nothing: who writes before who stores, and machines before the servers. */
export async function bringDown(federation: Federation, { data, root, hurry, say }: BringDownOptions): Promise<void> {
  federation.record(false);
  const { supervisor, services } = federation;
  for (const stage of ['manager', 'edge', 'rendezvous', 'router'] as const) {
    const names = services.filter((service) => service.stage === stage).map((service) => service.name);
    await Promise.all(names.map((name) => supervisor.stop(name, hurry)));
  }
  await Promise.all(federation.prosodies.map((name) => supervisor.stop(name, hurry)));
  await stopMachines(data, root, say);
  await supervisor.stop('redis', hurry);
  await supervisor.stop('postgres', hurry);
  // A test may have started a process itself after it killed ours.
  await stopLeftovers(data, root, say);
  federation.record(false);
}
