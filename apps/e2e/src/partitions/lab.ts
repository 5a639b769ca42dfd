import type { World } from '../crash-safety/start-world.js';
import type { HostDoor } from './host-door.js';
import type { Host } from './layout.js';
import type { MachineWatch } from './machine-watch.js';
import type { Network } from './network.js';

/** What the chapters work with. */
export interface Lab {
  readonly network: Network;
  readonly world: World;
  readonly doors: Readonly<Record<Host, HostDoor>>;
  readonly watch: MachineWatch;
}

/** How long a leg stays cut: longer than a connection with something unsent lives on these hosts (see network.ts). */
export const OUTAGE_MS = 4000;

/** The longest that anything may take. What heals in minutes in production heals in seconds here, by the periods of QUICK. */
export const BOUND_MS = {
  /** An order or a deletion is accepted, whatever is cut. */
  accepted: 3000,
  /** Undisturbed: from the order to the machine that lets its owner in, or from the deletion to nothing left. */
  undisturbed: 15_000,
  /** The same after a leg has healed, from the healing on. */
  healed: 20_000,
  /** A Manager that is started while its DMZ is away serves its API. */
  started: 10_000,
  /** The same over a bad line. */
  worsened: 30_000,
  /** Who only answers, as the Rendezvous does, notices a dead connection by its own keep-alive (1 s here), and has then to come back. */
  acquainted: 15_000,
} as const;

/** Does the work and says in words how long it took; rejects when that was longer than the bound. */
export async function within(what: string, boundMs: number, work: () => Promise<unknown>): Promise<string> {
  const begun = performance.now();
  await work();
  const ms = performance.now() - begun;
  if (ms > boundMs) throw new Error(`${what} took ${inSeconds(ms)}, more than ${inSeconds(boundMs)}`);
  return `${what} in ${inSeconds(ms)} (bound ${boundMs / 1000} s)`;
}

const inSeconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
