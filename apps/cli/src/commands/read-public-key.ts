import { resolve } from 'node:path';
import { refused } from '../cli-error.js';
import type { Places } from '../config/places.js';
import { readIfThere } from '../config/private-files.js';

const KEY_LINE = /^(?:ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}(?: [^\r\n]*)?$/;

export interface PublicKey {
  readonly line: string;
  /** Where it was read; absent for one that was typed. */
  readonly file?: string;
}

/** A public key from its file, or typed as it is. Private keys are refused: they must not leave. */
export function readPublicKey(given: string, { sshFolder }: Pick<Places, 'sshFolder'>): PublicKey {
  if (KEY_LINE.test(given.trim())) return { line: given.trim() };
  const file = resolve(given.replace(/^~\/\.ssh(?=\/)/, sshFolder));
  const text = readIfThere(file);
  if (text === undefined) throw refused(`There is no public key file ${file}.`, 'Make a key with: ssh-keygen -t ed25519');
  if (text.includes('PRIVATE KEY')) throw refused(`${file} is a private key, which must stay with you.`, `Give its public half: ${given}.pub`);
  const line = text.split('\n').map((one) => one.trim()).find((one) => one !== '' && !one.startsWith('#')) ?? '';
  if (!KEY_LINE.test(line)) throw refused(`${file} is not an OpenSSH public key.`, 'Give the file that ssh-keygen wrote beside the private key: NAME.pub');
  return { line, file };
}
