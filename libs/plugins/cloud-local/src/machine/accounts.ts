import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utils } from 'ssh2';
import type { ParsedKey, PublicKeyAuthContext } from 'ssh2';

/** Whether a public key may log in as a user, and proved it. */
export type Admit = (context: PublicKeyAuthContext) => boolean;

/**
 * Users are those that the user data names. A user's keys are those of the user data and, as on any machine, those in
 * ~/.ssh/authorized_keys at the moment of the login.
 */
export function createAdmit(keys: ReadonlyMap<string, readonly string[]>, home: string): Admit {
  const known = new Map([...keys].map(([user, lines]) => [user, lines.flatMap(parseLine)]));
  return (context) => {
    const own = known.get(context.username);
    const key = own && [...own, ...addedKeys(home)].find((candidate) => isKey(candidate, context.key.data));
    if (!key) return false;
    // Without a signature the client asks only whether the key would do.
    return !context.signature || !context.blob || key.verify(context.blob, context.signature, context.hashAlgo) === true;
  };
}

function isKey(candidate: ParsedKey, presented: Buffer): boolean {
  const own = candidate.getPublicSSH();
  return own.length === presented.length && timingSafeEqual(own, presented);
}

function addedKeys(home: string): ParsedKey[] {
  try {
    return readFileSync(join(home, '.ssh', 'authorized_keys'), 'utf8').split('\n').flatMap(parseLine);
  } catch {
    return [];
  }
}

/** The key of an authorized_keys line; options before it are passed over. */
function parseLine(line: string): ParsedKey[] {
  const key = /(?:^|\s)((?:ssh-|ecdsa-|sk-)\S+ AAAA[\w+/=]+)/.exec(line.trim().startsWith('#') ? '' : line)?.[1];
  const parsed = key === undefined ? new Error('no key') : utils.parseKey(key);
  return parsed instanceof Error ? [] : [parsed as ParsedKey].flat();
}
