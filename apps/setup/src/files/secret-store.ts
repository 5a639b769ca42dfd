import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writer } from './writer.js';

/** Secrets lie one in a file, 0600. What is there is never written again. */
export interface SecretStore {
  /** A random word; letters, digits, `-` and `_`. */
  word(path: string): string;
  /** 32 random bytes in base64. */
  key(path: string): string;
}

export function createSecretStore(folder: string, writer: Writer): SecretStore {
  const read = (path: string, make: () => string): string => {
    const file = join(folder, path);
    if (!existsSync(file)) writer.create(path, `${make()}\n`);
    const text = readFileSync(file, 'utf8').trim();
    if (text === '') throw new Error(`The secret ${file} is empty: put back what it held, or remove it to have another made.`);
    return text;
  };
  return {
    word: (path) => read(path, () => randomBytes(24).toString('base64url')),
    key: (path) => read(path, () => randomBytes(32).toString('base64')),
  };
}
