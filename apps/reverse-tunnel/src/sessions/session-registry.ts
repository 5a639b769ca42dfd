import type { SessionControl } from '../grants/make-grant.js';
import type { Session } from './session.js';

/** The sessions that are open, at most one for each grant. */
export interface SessionRegistry extends SessionControl {
  /** The newest session of a grant wins: a machine that rebooted must not wait until its former life times out. */
  enter(session: Session): void;
  leave(session: Session): void;
  list(): readonly Session[];
}

export function createSessionRegistry(): SessionRegistry {
  const sessions = new Map<string, Session>();
  return {
    enter(session) {
      const older = sessions.get(session.grantId);
      sessions.set(session.grantId, session);
      older?.end('a newer session of the same grant');
    },
    leave(session) {
      if (sessions.get(session.grantId) === session) sessions.delete(session.grantId);
    },
    cut: (grantId, why) => sessions.get(grantId)?.end(why),
    closePort: (grantId, port) => sessions.get(grantId)?.closePort(port),
    announce: (grantIds) => { for (const id of grantIds) sessions.get(id)?.announce(); },
    list: () => [...sessions.values()],
  };
}
