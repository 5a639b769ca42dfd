import type { SessionControl } from '../grants/make-grant.js';

const MOST = 20_000;

/** The ids of grants that ended lately, so that a secret of a deleted order is told from one that never was. */
export interface EndedGrants {
  has(id: string): boolean;
  /** Notes those that are cut. */
  watching<Control extends SessionControl>(sessions: Control): Control;
}

export function createEndedGrants(): EndedGrants {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    watching: (sessions) => ({
      ...sessions,
      cut(id, why) {
        ids.delete(id);
        ids.add(id);
        for (const oldest of ids) {
          if (ids.size <= MOST) break;
          ids.delete(oldest);
        }
        sessions.cut(id, why);
      },
    }),
  };
}
