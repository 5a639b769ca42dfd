import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { utils } from 'ssh2';
import { FogbowError } from '@fogbow/plugin-contracts';

export interface HostKey {
  /** OpenSSH private key, PEM. */
  readonly privateKey: string;
  /** Line of a known_hosts file without host and comment: `ssh-ed25519 AAAA…`. */
  readonly publicLine: string;
}

/**
 * The ed25519 key by which machines know this tunnel. Made on the first start and kept: machines pin it, so another
 * key would lock all of them out.
 */
export function loadHostKey(file: string): HostKey {
  try {
    if (!existsSync(file)) writeNewKey(file);
    const privateKey = readFileSync(file, 'utf8');
    return { privateKey, publicLine: publicLineOf(privateKey) };
  } catch (error) {
    throw new FogbowError('unavailable', `The host key ${file} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * The RSA key beside it (`<file>.rsa`), for clients that know nothing newer; the same rules. Kept apart, because machines pin the other one.
 */
export function loadRsaKey(file: string): string {
  const place = `${file}.rsa`;
  try {
    if (!existsSync(place)) writeNewKey(place, newRsaKey);
    const key = readFileSync(place, 'utf8');
    const parsed = utils.parseKey(key);
    if (parsed instanceof Error) throw parsed;
    return key;
  } catch (error) {
    throw new FogbowError('unavailable', `The host key ${place} cannot be used: ${(error as Error).message}`, { cause: error });
  }
}

/** The whole key appears under its name at once, and a key that another process put there first stays. */
function writeNewKey(file: string, make: () => string = newKey): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, make(), { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** ssh2 now and then makes a key that it cannot read again, so each is tried before it is kept. */
function newKey(): string {
  for (;;) {
    const { private: key } = utils.generateKeyPairSync('ed25519', { comment: 'fogbow reverse tunnel' });
    if (!(utils.parseKey(key) instanceof Error)) return key;
  }
}

const newRsaKey = (): string => utils.generateKeyPairSync('rsa', { bits: 3072, comment: 'fogbow reverse tunnel' }).private;

function publicLineOf(privateKey: string): string {
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  if (key.type !== 'ssh-ed25519') throw new Error(`it is ${key.type}, and ssh-ed25519 is needed`);
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}
