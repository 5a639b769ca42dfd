import type { KeyedTurns } from '@fogbow/plugin-contracts';
import type { TunnelEvent, TunnelGrant } from '@fogbow/queues';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { assignPorts, releaseNew } from './assign-ports.js';
import type { PortGiver } from './assign-ports.js';
import type { GrantStore } from './grant-store.js';
import { inTurn } from './in-turn.js';
import { mergeServices } from './merge-services.js';
import { grantFault } from './stored-grant.js';
import type { StoredGrant } from './stored-grant.js';

/** What grants may ask of the running sessions. */
export interface SessionControl {
  /** Ends the session of a grant, if there is one, now. */
  cut(grantId: string, why: string): void;
  /** Closes one port of a session, and leaves the rest of it alone. */
  closePort(grantId: string, port: number): void;
  /** The session of a grant, if there is one, may what this says from now on. */
  change(grant: StoredGrant): void;
  /** Tells the Manager again which services of these grants are up. */
  announce(grantIds: readonly string[]): void;
}

export interface GrantDesk {
  readonly store: GrantStore;
  readonly ports: PortGiver;
  readonly sessions: SessionControl;
  /** Changes of one grant come one after the other: jobs of the Manager and requests of machines alike. */
  readonly turns: KeyedTurns;
  readonly post: (event: TunnelEvent) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export type GrantOutcome = { readonly grant: StoredGrant } | { readonly refused: string };

export interface Asking {
  readonly manager: string;
  /** By a list of all grants, which may be older than the end of one. */
  readonly byList?: boolean;
}

/** Makes one grant, or changes it to what is asked now; the same request again changes nothing. What the machine has added stays. */
export const makeGrant = (desk: GrantDesk, asking: Asking, wanted: TunnelGrant): Promise<GrantOutcome> =>
  inTurn(desk, wanted.id, () => makeInTurn(desk, asking, wanted));

async function makeInTurn(desk: GrantDesk, { manager, byList = false }: Asking, asked: TunnelGrant): Promise<GrantOutcome> {
  const old = desk.store.get(asked.id);
  const wanted = { ...asked, services: mergeServices(asked.services, old?.services) };
  const fault = old && old.manager !== manager ? 'This grant belongs to another Manager.' : grantFault(wanted);
  if (fault) return { refused: fault };
  const had = old?.services ?? [];
  const assigned = await assignPorts(desk.ports, wanted.id, wanted.services, had);
  if ('refused' in assigned) return assigned;
  const { services } = assigned;
  const { publicKey, limits } = wanted;
  const grant = {
    id: wanted.id, manager, owner: wanted.owner, secretHash: wanted.secretHash, ...(publicKey ? { publicKey } : {}), ...(limits ? { limits } : {}), services,
    madeAt: old?.madeAt ?? desk.clock.now().toISOString(),
  };
  if (old && JSON.stringify(old) === JSON.stringify(grant)) return { grant: old };
  try {
    await desk.store.put(grant, { byList });
  } catch (error) {
    releaseNew(desk.ports, services, had);
    throw error;
  }
  if (old && narrowed(old, grant)) desk.sessions.cut(grant.id, 'the grant changed');
  else if (old) desk.sessions.change(grant);
  releaseNew(desk.ports, had, services);
  return { grant };
}

/** True when a running session may have more than the new grant allows. */
export function narrowed(old: StoredGrant, grant: StoredGrant): boolean {
  return old.secretHash !== grant.secretHash || old.publicKey !== grant.publicKey || JSON.stringify(old.limits) !== JSON.stringify(grant.limits)
    || old.services.some(({ name, port }) => !grant.services.some((service) => service.name === name && service.port === port));
}
