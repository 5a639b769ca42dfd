import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './write-atomically.js';

export interface Secrets {
  /** A random text under this name, made at the first call and kept across starts (0600). */
  text(name: string): string;
  /** The path of a file with 32 random bytes in base64, kept likewise. */
  keyFile(name: string): string;
}

export function createSecrets(folder: string): Secrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (name: string, make: () => string): string => {
    const file = join(folder, name);
    if (!existsSync(file)) writeAtomically(file, `${make()}\n`);
    return file;
  };
  return {
    text: (name) => readFileSync(fileOf(name, () => randomBytes(24).toString('base64url')), 'utf8').trim(),
    keyFile: (name) => fileOf(name, () => randomBytes(32).toString('base64')),
  };
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
