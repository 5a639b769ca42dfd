import type { MemberId } from '@fogbow/request-model';
import type { FederationLink } from '../federation-link.js';
import type { Timers } from '@fogbow/service-runtime';
import { createLink } from '../link/link.js';
import { createMemoryTransport } from './memory-transport.js';
import type { Fate, Station, Transit } from './memory-transport.js';

/** Members of one process, joined without sockets. Delivery is asynchronous and in order, unless the fate says otherwise. */
export interface MemoryNetwork {
  /** A link for a member; a second one with the same id replaces the first, as the router does. */
  link(id: MemberId, options?: MemoryLinkOptions): FederationLink;
  /** Decides over every stanza from now on; undefined: all arrive. */
  setFate(fate: ((transit: Transit) => Fate) | undefined): void;
  /** Takes a member off the network: its sends fail with `unavailable`, as do sends to it. */
  cut(id: MemberId): void;
  restore(id: MemberId): void;
}

export interface MemoryLinkOptions {
  readonly maxInFlight?: number;
  /** Of the time limits of this member's requests; default: the system's. */
  readonly timers?: Timers;
}

export interface MemoryNetworkOptions {
  /** What stanzas take their time by; default: the system's. */
  readonly timers?: Timers;
}

export function createMemoryNetwork({ timers }: MemoryNetworkOptions = {}): MemoryNetwork {
  const stations = new Map<MemberId, Station>();
  const cut = new Set<MemberId>();
  const state: { fate: ((transit: Transit) => Fate) | undefined } = { fate: undefined };
  const notify = (id: MemberId): void => stations.get(id)?.statusChanged();
  return {
    link: (id, options = {}) => createLink({
      ...options,
      jid: id,
      transport: createMemoryTransport(id, { stations, isCut: (member) => cut.has(member), fate: (transit) => state.fate?.(transit) ?? {}, ...(timers ? { timers } : {}) }),
    }),
    setFate: (fate) => { state.fate = fate; },
    cut: (id) => { cut.add(id); notify(id); },
    restore: (id) => { cut.delete(id); notify(id); },
  };
}
