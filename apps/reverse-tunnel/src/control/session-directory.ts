import type { ServiceEvent, TunnelEvent, TunnelPlace } from '@fogbow/queues';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { SessionControl } from '../grants/make-grant.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import type { SessionEntry, SessionWorker } from '../workers/contract.js';
import { sourceOf } from './penalties.js';
import type { Takeovers } from './takeovers.js';

/** A machine that is logged in, wherever. */
export interface DirectoryEntry extends SessionEntry {
  readonly worker: SessionWorker;
  /** ISO 8601. */
  readonly since: string;
  /** The same by the clock of all hosts, in ms. */
  readonly began: number;
  /** The last event of each service that is up. */
  readonly up: Map<string, ServiceEvent>;
}

/** The sessions of all workers, at most one for each grant. */
export interface SessionDirectory extends SessionControl {
  enter(worker: SessionWorker, entry: SessionEntry): Promise<{ readonly grant: StoredGrant } | { readonly refused: RefusalReason }>;
  leave(sessionId: string, bytes: { readonly up: number; readonly down: number }): void;
  event(sessionId: string, event: TunnelEvent): void;
  /** A worker has died: its sessions are over, and nobody else will say so. */
  lost(worker: SessionWorker): void;
  isKnown(address: string): boolean;
  list(): readonly DirectoryEntry[];
  /** A session of the grant began at another host or process then: if ours is older, it ends. */
  yieldTo(grantId: string, began: number): void;
}

export interface DirectoryOptions {
  readonly grants: { get(id: string): StoredGrant | undefined };
  readonly takeovers: Takeovers;
  readonly post: (event: TunnelEvent) => void;
  /** A machine came (undefined) or went, having carried so much. */
  readonly record: (entry: DirectoryEntry, gone?: { readonly up: number; readonly down: number }) => void;
  /** Called when a session of ours has begun: other processes and hosts let go of theirs. */
  readonly onEntered: (grantId: string, began: number) => void;
  /** Milliseconds by the clock that all hosts share. */
  readonly poolNow: () => number;
  /** This host as users see it; known when its ports are open. */
  readonly where: () => TunnelPlace | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const LET_GO_MS = 2000;

export function createSessionDirectory(options: DirectoryOptions): SessionDirectory {
  const { grants, takeovers, record, clock, log, poolNow } = options;
  const byGrant = new Map<string, DirectoryEntry>();
  const bySession = new Map<string, DirectoryEntry>();
  const sources = createSourceCounts();
  const forget = (entry: DirectoryEntry, bytes: { readonly up: number; readonly down: number }): void => {
    if (!bySession.delete(entry.sessionId)) return;
    if (byGrant.get(entry.grantId) === entry) byGrant.delete(entry.grantId);
    sources.count(entry.address, -1);
    record(entry, bytes);
  };
  /** The worker may be dead or busy; then the newer one finds its ports taken for a moment and tries again. */
  const tell = (call: Promise<void>): Promise<void> => call.catch((error: unknown) => log.debug('a worker did not hear', { error }));
  return {
    async enter(worker, entry) {
      const older = byGrant.get(entry.grantId);
      if (!grants.get(entry.grantId)) return { refused: 'ended-grant' };
      const isContested = older !== undefined || takeovers.wasLost(entry.grantId, clock.uptime());
      if (isContested && !takeovers.allows(entry.grantId, clock.uptime())) return { refused: 'flapping' };
      const mine: DirectoryEntry = { ...entry, worker, since: clock.now().toISOString(), began: poolNow(), up: new Map() };
      byGrant.set(entry.grantId, mine);
      bySession.set(entry.sessionId, mine);
      sources.count(entry.address, 1);
      record(mine);
      options.onEntered(entry.grantId, mine.began);
      if (older) await Promise.race([tell(older.worker.end(older.sessionId, 'a newer session of the same grant')), clock.sleep(LET_GO_MS)]);
      const grant = grants.get(entry.grantId);
      return grant ? { grant } : { refused: 'ended-grant' };
    },
    leave(sessionId, bytes) {
      const entry = bySession.get(sessionId);
      if (entry) forget(entry, bytes);
    },
    event(sessionId, event) {
      const entry = bySession.get(sessionId);
      if (event.type === 'started' || event.type === 'services-changed' || !entry) return options.post(event);
      const told = stamped(options, event, entry);
      if (event.type === 'service-up') entry.up.set(event.service, told);
      else entry.up.delete(event.service);
      options.post(told);
    },
    lost(worker) {
      for (const entry of [...bySession.values()]) {
        if (entry.worker !== worker) continue;
        for (const event of entry.up.values()) options.post({ ...stamped(options, event, entry), type: 'service-down' });
        forget(entry, { up: 0, down: 0 });
      }
    },
    ...controlOf(byGrant, tell),
    isKnown: sources.has,
    list: () => [...byGrant.values()],
    yieldTo(grantId, began) {
      const entry = byGrant.get(grantId);
      if (!entry) return;
      // It does not know of ours yet.
      if (entry.began > began) return options.onEntered(grantId, entry.began);
      takeovers.lost(grantId, clock.uptime());
      void tell(entry.worker.end(entry.sessionId, 'a newer session of the same grant, at another process'));
    },
  };
}

/** By the clock of all hosts, and with the session's beginning and place. */
function stamped({ poolNow, where }: DirectoryOptions, event: ServiceEvent, { began }: DirectoryEntry): ServiceEvent {
  const place = where();
  return { ...event, at: new Date(poolNow()).toISOString(), since: new Date(began).toISOString(), ...(place ? { where: place } : {}) };
}

interface SourceCounts {
  count(address: string, step: 1 | -1): void;
  has(address: string): boolean;
}

/** How many machines are logged in from where. */
function createSourceCounts(): SourceCounts {
  const counts = new Map<string, number>();
  return {
    has: (address) => counts.has(sourceOf(address)),
    count(address, step) {
      const now = (counts.get(sourceOf(address)) ?? 0) + step;
      if (now > 0) counts.set(sourceOf(address), now);
      else counts.delete(sourceOf(address));
    },
  };
}

/** What grants ask of sessions, told to the worker that has each. */
function controlOf(byGrant: ReadonlyMap<string, DirectoryEntry>, tell: (call: Promise<void>) => Promise<void>): SessionControl {
  const at = (grantId: string, action: (entry: DirectoryEntry) => Promise<void>): void => {
    const entry = byGrant.get(grantId);
    if (entry) void tell(action(entry));
  };
  return {
    change: (grant) => at(grant.id, ({ worker, sessionId }) => worker.change(sessionId, grant)),
    cut: (grantId, why) => at(grantId, ({ worker, sessionId }) => worker.end(sessionId, why)),
    closePort: (grantId, port) => at(grantId, ({ worker, sessionId }) => worker.closePort(sessionId, port)),
    announce(grantIds) {
      const told = new Map<SessionWorker, string[]>();
      for (const id of grantIds) {
        const entry = byGrant.get(id);
        if (entry) told.set(entry.worker, [...told.get(entry.worker) ?? [], entry.sessionId]);
      }
      for (const [worker, ids] of told) void tell(worker.announce(ids));
    },
  };
}
