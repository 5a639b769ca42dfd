import type { GivenService, GrantedService } from '@fogbow/queues';
import type { Allocation } from '../ports/allocate-port.js';
import type { PortTable } from '../ports/port-table.js';

export interface PortGiver {
  readonly table: PortTable;
  /** Finds a port for a holder; see allocatePort. */
  allocate(holder: string): Promise<Allocation>;
  /** Milliseconds of a clock that never jumps. */
  now(): number;
}

export type Assignment = { readonly services: readonly GivenService[] } | { readonly refused: string };

/**
 * A port for every asked service: the one the Manager names, else the one it had, else a new one. Either all services
 * get one or none does; what was taken for a refused request rests, open to the same grant only.
 */
export async function assignPorts(
  giver: PortGiver, holder: string, wanted: readonly GrantedService[], had: readonly GivenService[],
): Promise<Assignment> {
  const services: GivenService[] = [];
  for (const { name, port, ...kind } of wanted) {
    const known = port ?? had.find((service) => service.name === name)?.port;
    const given = known === undefined ? await giver.allocate(holder) : named(giver, holder, known);
    if ('refused' in given) {
      releaseNew(giver, services, had);
      return given;
    }
    services.push({ name, port: given.port, ...kind });
  }
  return { services };
}

/** Releases the ports of `services` that `had` does not hold. */
export function releaseNew(giver: PortGiver, services: readonly GivenService[], had: readonly GivenService[]): void {
  const kept = new Set(had.map((service) => service.port));
  for (const { port } of services) if (!kept.has(port)) giver.table.release(port, giver.now());
}

function named(giver: PortGiver, holder: string, port: number): Allocation {
  const refused = giver.table.claim(port, holder, giver.now());
  return refused === undefined ? { port } : { refused };
}
