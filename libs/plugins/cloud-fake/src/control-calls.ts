import type { FakeEntry } from './fake-books.js';
import type { FakeKind, FakeViews } from './fake-entities.js';
import { changeKnobs } from './fake-knobs.js';
import type { FakeKnobs } from './fake-knobs.js';
import type { FakeCore } from './fake-core.js';
import { attachmentRules, machineRules, networkRules, volumeRules } from './kind-rules.js';
import { indexOf } from './resource-calls.js';
import type { KindRules } from './resource-calls.js';

/** What can be done to the fake cloud that no real one offers. */
export interface ControlCalls {
  knobs(): FakeKnobs;
  /** Changes the named knobs; throws bad-syntax for a fault in any of them. */
  turn(change: unknown): FakeKnobs;
  /** Everything of a kind, of every account; machines where no kind is named. */
  all<Kind extends FakeKind = 'instances'>(kind?: Kind): FakeViews[Kind][];
  /** Takes a machine, volume, network or attachment away, whatever depends on it. False when there is no such thing. */
  vanish(id: string): boolean;
  fail(id: string): boolean;
  expireTokens(): void;
  /** Everything that still matters, as a short journal. */
  snapshot(): FakeEntry[];
}

const RULES: { readonly [Kind in FakeKind]: KindRules<Kind> } = { instances: machineRules, volumes: volumeRules, networks: networkRules, attachments: attachmentRules };

export function controlCalls(core: FakeCore): ControlCalls {
  const { books, now, knobs, commit } = core;
  const onThing = (id: string, entry: FakeEntry): boolean => {
    const swept = books.at(now());
    if (!Object.values(swept).some((index) => index.has(id))) return false;
    commit(entry);
    return true;
  };
  return {
    knobs,
    turn(change) {
      commit({ kind: 'knobs', knobs: changeKnobs(knobs(), change) });
      return knobs();
    },
    all: <Kind extends FakeKind = 'instances'>(kind?: Kind) => allOf(core, RULES[kind ?? 'instances'] as unknown as KindRules<Kind>),
    vanish: (id) => onThing(id, { kind: 'remove', id }),
    fail: (id) => onThing(id, { kind: 'fail', id, at: now() }),
    expireTokens: () => commit({ kind: 'expire-tokens' }),
    snapshot: () => [{ kind: 'knobs', knobs: knobs() }, ...books.snapshot(now())],
  };
}

function allOf<Kind extends FakeKind>(core: FakeCore, rules: KindRules<Kind>): FakeViews[Kind][] {
  return indexOf(core, rules.kind).all().flatMap((entity) => rules.view(core, entity) ?? []);
}
