import { renameSync, writeFileSync } from 'node:fs';

/** Readers see the old or the new text, never a half; only the owner may read it. */
export function writeAtomically(file: string, text: string): void {
  const half = `${file}.${process.pid}.new`;
  writeFileSync(half, text, { mode: 0o600 });
  renameSync(half, file);
}
