import type { FakeBooks, FakeEntry } from './fake-books.js';
import type { FakeKnobs } from './fake-knobs.js';

/** What the calls work on. */
export interface FakeCore {
  readonly books: FakeBooks;
  now(): number;
  knobs(): FakeKnobs;
  /** Refusals since the knobs were turned last; adds one. */
  countRefusal(): number;
  commit(entry: FakeEntry): void;
}
