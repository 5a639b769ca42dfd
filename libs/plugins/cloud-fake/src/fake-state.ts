import { createFakeBooks } from './fake-books.js';
import type { FakeEntry } from './fake-books.js';
import type { FakeCore } from './fake-core.js';
import { controlCalls } from './control-calls.js';
import type { ControlCalls } from './control-calls.js';
import { dataCalls } from './data-calls.js';
import type { DataCalls } from './data-calls.js';
import { changeKnobs, NO_KNOBS } from './fake-knobs.js';
import type { FakeKnobs } from './fake-knobs.js';

export interface FakeStateOptions {
  now(): Date;
  readonly knobs?: Partial<FakeKnobs> | undefined;
  /** What an earlier life of this cloud recorded. */
  readonly past?: readonly FakeEntry[];
  /** Called with every change before it is answered; it must keep it. */
  record?(entry: FakeEntry): void;
}

export type FakeCloudState = DataCalls & ControlCalls;

/**
 * The whole fake cloud: one object, no I/O, no timers. Each call reads the time and finishes at once; the bindings add delays and
 * transport. A change is an entry of the journal first and an effect on the books second, so replay and life are one code.
 */
export function createFakeCloudState(options: FakeStateOptions): FakeCloudState {
  const books = createFakeBooks();
  let knobs = changeKnobs(NO_KNOBS, options.knobs ?? {});
  let refusals = 0;
  const apply = (entry: FakeEntry): void => {
    if (entry.kind !== 'knobs') return books.apply(entry);
    // An older journal may lack a knob.
    knobs = { ...NO_KNOBS, ...entry.knobs };
    refusals = 0;
  };
  for (const entry of options.past ?? []) apply(entry);
  const core: FakeCore = {
    books,
    now: () => options.now().getTime(),
    knobs: () => knobs,
    countRefusal: () => ++refusals,
    commit(entry) {
      options.record?.(entry);
      apply(entry);
    },
  };
  return { ...dataCalls(core), ...controlCalls(core) };
}
