import type { Instance } from '@fogbow/plugin-contracts';
import type { FakeEntry } from './fake-books.js';
import { changeKnobs } from './fake-knobs.js';
import type { FakeKnobs } from './fake-knobs.js';
import { describeMachine } from './fake-machine.js';
import type { FakeCore } from './fake-core.js';

/** What can be done to the fake cloud that no real one offers. */
export interface ControlCalls {
  knobs(): FakeKnobs;
  /** Changes the named knobs; throws bad-syntax for a fault in any of them. */
  turn(change: unknown): FakeKnobs;
  /** Every machine of every account. */
  all(): Instance[];
  /** False when there is no such machine. */
  vanish(id: string): boolean;
  fail(id: string): boolean;
  expireTokens(): void;
  /** Everything that still matters, as a short journal. */
  snapshot(): FakeEntry[];
}

export function controlCalls({ books, now, knobs, commit }: FakeCore): ControlCalls {
  const onMachine = (id: string, entry: FakeEntry): boolean => {
    if (!books.machine(id, now())) return false;
    commit(entry);
    return true;
  };
  return {
    knobs,
    turn(change) {
      commit({ kind: 'knobs', knobs: changeKnobs(knobs(), change) });
      return knobs();
    },
    all: () => books.machines(now()).flatMap((machine) => describeMachine(machine, now()) ?? []),
    vanish: (id) => onMachine(id, { kind: 'remove', id }),
    fail: (id) => onMachine(id, { kind: 'fail', id, at: now() }),
    expireTokens: () => commit({ kind: 'expire-tokens' }),
    snapshot: () => [{ kind: 'knobs', knobs: knobs() }, ...books.snapshot(now())],
  };
}
