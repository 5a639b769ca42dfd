import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Write beside, then rename: a reader sees the old text or the new one. */
export function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, file);
}

/** Undefined when there is no such file. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function readJson<Value>(file: string): Value | undefined {
  const text = readText(file);
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}
