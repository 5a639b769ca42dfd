import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { FakeEntry } from './fake-books.js';

export interface Journal {
  readonly past: readonly FakeEntry[];
  /** Begins the file anew with these entries; before the first append. */
  compact(entries: readonly FakeEntry[]): void;
  append(entry: FakeEntry): void;
  close(): void;
}

/**
 * Entries as lines of JSON. An append is one write that ends before the caller is answered, so a killed process loses nothing
 * (a killed host may). A last line cut short was never answered and is dropped.
 */
export function openJournal(file: string): Journal {
  const past = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as FakeEntry) : [];
  let handle: number | undefined;
  const append = (entry: FakeEntry): void => {
    handle ??= openSync(file, 'a', 0o600);
    writeSync(handle, `${JSON.stringify(entry)}\n`);
  };
  return {
    past,
    append,
    compact(entries) {
      const next = openSync(`${file}.next`, 'w', 0o600);
      writeSync(next, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      fsyncSync(next);
      closeSync(next);
      renameSync(`${file}.next`, file);
    },
    close: () => {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}
