import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from '../config/places.js';
import { readIfThere, writePrivately } from '../config/private-files.js';

/** Type and data of a public key line, without its comment. */
const bare = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(' ');

/** Public key files that may belong to orders: those used before, then the user's own. */
export function publicKeyFiles(places: Places): string[] {
  const own = existsSync(places.sshFolder) ? readdirSync(places.sshFolder).filter((name) => name.endsWith('.pub')).sort() : [];
  return [...usedKeys(places), ...own.map((name) => join(places.sshFolder, name))];
}

const usedKeys = ({ usedKeys: file }: Places): string[] => (readIfThere(file) ?? '').split('\n').filter(Boolean);

/**
 * The private key beside the public key that is in the order. Where only the public half is here, that file: ssh then asks its agent for
 * the other half.
 */
export function findIdentity(publicKey: string | undefined, places: Places): string | undefined {
  if (!publicKey) return undefined;
  const file = publicKeyFiles(places).find((candidate) => bare(readIfThere(candidate) ?? '') === bare(publicKey));
  const secret = file?.replace(/\.pub$/, '');
  return secret && existsSync(secret) ? secret : file;
}

const MOST_REMEMBERED = 50;

/** Remembers where the key of an order lies, so that `fogbow ssh` finds its other half. */
export function rememberKey(file: string, places: Places): void {
  const known = usedKeys(places);
  if (known[0] === file) return;
  writePrivately(places.usedKeys, `${[file, ...known.filter((one) => one !== file)].slice(0, MOST_REMEMBERED).join('\n')}\n`);
}

/** The key that ssh itself would offer first. */
export function defaultPublicKey({ sshFolder }: Places): string | undefined {
  return ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub'].map((name) => join(sshFolder, name)).find((file) => existsSync(file));
}
