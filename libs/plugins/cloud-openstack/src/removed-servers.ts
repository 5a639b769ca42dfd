import type { NovaServer } from './nova-server.js';

/** Servers whose removal Nova took a moment ago. */
export interface RemovedServers {
  add(id: string): void;
  /** The server as Nova will tell it soon: one that was removed is leaving. */
  shown(server: NovaServer): NovaServer;
}

/** Nova is slow for seconds; should a removal come to nothing, the server is seen again and removed again. */
const REMEMBERED_MS = 60_000;

/**
 * A server that is removed while Nova still looks for a host is told for a moment as if nobody had: what the API shows then comes of the
 * request to build it, which has no `task_state` of its removal.
 */
export function createRemovedServers(now: () => Date): RemovedServers {
  const until = new Map<string, number>();
  return {
    add(id) {
      const at = now().getTime();
      // In the order in which they were removed: the first that is not over ends the search.
      for (const [old, end] of until) {
        if (end > at) break;
        until.delete(old);
      }
      until.delete(id);
      until.set(id, at + REMEMBERED_MS);
    },
    shown: (server) => ((until.get(server.id) ?? 0) > now().getTime() ? { ...server, 'OS-EXT-STS:task_state': 'deleting' } : server),
  };
}
