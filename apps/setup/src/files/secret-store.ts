import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Writer } from './writer.js';

/** Secrets lie one in a file, 0600. What is there is never written again. */
export interface SecretStore {
  /** A random word; letters, digits, `-` and `_`. */
  word(path: string): string;
  /** 32 random bytes in base64. */
  key(path: string): string;
  /** What follows from other secrets; made anew when they changed. */
  derived(path: string, content: string): void;
}

export function createSecretStore(folder: string, writer: Writer): SecretStore {
  const read = (path: string, make: () => string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if (!existsSync(file)) writer.write(path, `${make()}\n`, 0o600);
    const text = readFileSync(file, 'utf8').trim();
    if (text === '') throw new Error(`The secret ${file} is empty: put back what it held, or remove it to have another made.`);
    return text;
  };
  return {
    word: (path) => read(path, () => randomBytes(24).toString('base64url')),
    key: (path) => read(path, () => randomBytes(32).toString('base64')),
    derived: (path, content) => writer.write(path, `${content}\n`, 0o600),
  };
}
