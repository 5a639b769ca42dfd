import type { PortTable } from '../ports/port-table.js';
import type { GrantChange } from './grant-store.js';
import { narrowed } from './make-grant.js';
import type { SessionControl } from './make-grant.js';

export interface FollowOptions {
  readonly table: PortTable;
  /** Those of this host. */
  readonly sessions: Pick<SessionControl, 'cut' | 'change'>;
  now(): number;
}

/** What another host did to a grant holds here too: its ports are taken or rest, its session is cut or told. */
export function followPool({ table, sessions, now }: FollowOptions): GrantChange {
  return (id, before, after) => {
    const kept = new Set(after?.services.map(({ port }) => port));
    for (const { port } of before?.services ?? []) if (!kept.has(port)) table.release(port, now(), id);
    for (const port of kept) {
      if (table.restore(port, id) === undefined) continue;
      // The pool knows better than our memory of it, which may still have a grant that has ended.
      table.release(port, now());
      table.restore(port, id);
    }
    if (!after) sessions.cut(id, 'the grant has ended');
    else if (before && narrowed(before, after)) sessions.cut(id, 'the grant changed');
    else if (before) sessions.change(after);
  };
}
