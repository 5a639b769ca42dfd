import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import { quietTimers } from '@fogbow/service-runtime';
import type { Timers } from '@fogbow/service-runtime';
import { errorAnswer } from '../link/dispatch.js';
import { decodeIq, encodeIq } from '../link/stanza.js';
import type { Iq } from '../link/stanza.js';
import { encodeStanza, MAX_STANZA } from '../link/stanza-transport.js';
import type { StanzaTransport, TransportListener } from '../link/stanza-transport.js';
import type { XmlElement } from '../xml/element.js';

/** What is known of a stanza on its way. */
export interface Transit {
  readonly from: MemberId;
  readonly to: MemberId;
  readonly type: 'get' | 'set' | 'result' | 'error';
  readonly id: string;
  /** Of the message it belongs to; empty results have none. */
  readonly namespace?: string;
  /** Its length on a real wire. */
  readonly bytes: number;
}

export interface Fate {
  readonly lose?: boolean;
  readonly delayMs?: number;
  /** Arrives twice. */
  readonly duplicate?: boolean;
  /** How long the second of two takes; absent: as long as the first. */
  readonly duplicateDelayMs?: number;
}

export interface Station {
  deliver(stanza: XmlElement): void;
  statusChanged(): void;
}

export interface MemoryMedium {
  readonly stations: Map<MemberId, Station>;
  isCut(member: MemberId): boolean;
  fate(transit: Transit): Fate;
  readonly timers?: Timers;
}

/** A member's place in the memory network. Behaves as the router does: an unknown target answers requests with an error. */
export function createMemoryTransport(id: MemberId, medium: MemoryMedium): StanzaTransport {
  let listener: TransportListener | undefined;
  let online = false;
  const connected = (): boolean => medium.stations.get(id) === station && !medium.isCut(id);
  const statusChanged = (): void => {
    const before = online;
    online = connected();
    if (before && !online) listener?.disconnected();
  };
  const station: Station = { deliver: (stanza) => { if (connected()) listener?.stanza(stanza); }, statusChanged };
  return {
    connected,
    listen: (wanted) => { listener = wanted; },
    async start() {
      const replaced = medium.stations.get(id);
      medium.stations.set(id, station);
      replaced?.statusChanged();
      statusChanged();
    },
    async stop() {
      if (medium.stations.get(id) === station) medium.stations.delete(id);
      statusChanged();
    },
    async send(stanza) {
      if (!connected()) throw new FogbowError('unavailable', 'There is no connection to the federation.');
      const bytes = Buffer.byteLength(encodeStanza(stanza, MAX_STANZA));
      carry(decodeIq(stanza) as Iq, bytes, medium);
    },
  };
}

function carry(iq: Iq, bytes: number, medium: MemoryMedium): void {
  const { from, to, type, id } = iq;
  const { lose, delayMs, duplicate, duplicateDelayMs = delayMs } = medium.fate({ from, to, type, id, bytes, ...(iq.query ? { namespace: iq.query.namespace } : {}) });
  if (lose) return;
  for (const ms of duplicate ? [delayMs, duplicateDelayMs] : [delayMs]) later(ms, medium, () => arrive(iq, medium));
}

function later(delayMs: number | undefined, { timers }: MemoryMedium, action: () => void): void {
  if (delayMs || timers) (timers ?? quietTimers).after(delayMs ?? 0, action);
  else setImmediate(action);
}

function arrive(iq: Iq, medium: MemoryMedium): void {
  const target = medium.isCut(iq.to) ? undefined : medium.stations.get(iq.to);
  if (target) return target.deliver(encodeIq(iq));
  if (iq.type !== 'get' && iq.type !== 'set') return;
  const bounce = errorAnswer(iq.query?.namespace, new FogbowError('unavailable', `${iq.to} is not connected.`));
  medium.stations.get(iq.from)?.deliver(encodeIq({ ...bounce, id: iq.id, from: iq.to, to: iq.from }));
}
