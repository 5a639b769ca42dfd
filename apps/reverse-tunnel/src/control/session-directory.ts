import type { TunnelEvent } from '@fogbow/queues';
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
  /** The last event of each service that is up. */
  readonly up: Map<string, TunnelEvent & { readonly type: 'service-up' }>;
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
}

export interface DirectoryOptions {
  readonly grants: { get(id: string): StoredGrant | undefined };
  readonly takeovers: Takeovers;
  readonly post: (event: TunnelEvent) => void;
  /** A machine came (undefined) or went, having carried so much. */
  readonly record: (entry: DirectoryEntry, gone?: { readonly up: number; readonly down: number }) => void;
  /** Called when a session of ours has begun: other processes let go of theirs. */
  readonly onEntered: (grantId: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const LET_GO_MS = 2000;

export function createSessionDirectory(options: DirectoryOptions): SessionDirectory {
  const { grants, takeovers, post, record, clock, log } = options;
  const byGrant = new Map<string, DirectoryEntry>();
  const bySession = new Map<string, DirectoryEntry>();
  const perSource = new Map<string, number>();
  const count = (address: string, step: 1 | -1): void => {
    const now = (perSource.get(sourceOf(address)) ?? 0) + step;
    if (now > 0) perSource.set(sourceOf(address), now);
    else perSource.delete(sourceOf(address));
  };
  const forget = (entry: DirectoryEntry, bytes: { readonly up: number; readonly down: number }): void => {
    if (!bySession.delete(entry.sessionId)) return;
    if (byGrant.get(entry.grantId) === entry) byGrant.delete(entry.grantId);
    count(entry.address, -1);
    record(entry, bytes);
  };
  /** The worker may be dead or busy; then the newer one finds its ports taken for a moment and tries again. */
  const tell = (call: Promise<void>): Promise<void> => call.catch((error: unknown) => log.debug('a worker did not hear', { error }));
  return {
    async enter(worker, entry) {
      const older = byGrant.get(entry.grantId);
      if (!grants.get(entry.grantId)) return { refused: 'ended-grant' };
      if (older && !takeovers.allows(entry.grantId, clock.uptime())) return { refused: 'flapping' };
      const mine: DirectoryEntry = { ...entry, worker, since: clock.now().toISOString(), up: new Map() };
      byGrant.set(entry.grantId, mine);
      bySession.set(entry.sessionId, mine);
      count(entry.address, 1);
      record(mine);
      options.onEntered(entry.grantId);
      if (older) await Promise.race([tell(older.worker.end(older.sessionId, 'a newer session of the same grant')), clock.sleep(LET_GO_MS)]);
      const grant = grants.get(entry.grantId);
      return grant ? { grant } : { refused: 'ended-grant' };
    },
    leave(sessionId, bytes) {
      const entry = bySession.get(sessionId);
      if (entry) forget(entry, bytes);
    },
    event(sessionId, event) {
      const up = bySession.get(sessionId)?.up;
      if (event.type === 'service-up') up?.set(event.service, { ...event, type: 'service-up' });
      if (event.type === 'service-down') up?.delete(event.service);
      post(event);
    },
    lost(worker) {
      for (const entry of [...bySession.values()]) {
        if (entry.worker !== worker) continue;
        for (const event of entry.up.values()) post({ ...event, type: 'service-down', at: clock.now().toISOString() });
        forget(entry, { up: 0, down: 0 });
      }
    },
    ...controlOf(byGrant, tell),
    isKnown: (address) => perSource.has(sourceOf(address)),
    list: () => [...byGrant.values()],
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
