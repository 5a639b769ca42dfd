import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the file holds when it is there: ours, or that of whoever was first. A link appears with its content or not at all. `mark` makes the temporary name ours. Its folder is made where there is none. */
export function writeOnce(file: string, text: string, mark: string): string {
  const beside = `${file}.${mark}.new`;
  makeFolder(dirname(file));
  writeFileSync(beside, text, { mode: 0o600 });
  try {
    linkSync(beside, file);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return readText(file) ?? text;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** For its user alone: the Manager's. So it is made when something is to be written, and not by whoever only looks. */
export const makeFolder = (path: string): void => void mkdirSync(path, { recursive: true, mode: 0o700 });

/** A reader sees the old text or the new one. */
export function writeWhole(file: string, text: string, mark: string): void {
  const beside = `${file}.${mark}.new`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, file);
}

/** Undefined where there is no such file. */
export function readText(file: string): string | undefined {
  return orNone(() => readFileSync(file, 'utf8'));
}

/** None where there is no such folder. */
export function namesIn(folder: string): string[] {
  return orNone(() => readdirSync(folder)) ?? [];
}

function orNone<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
