import { timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { utils } from 'ssh2';
import type { ParsedKey, PublicKeyAuthContext } from 'ssh2';

/** A key that let a user in, and what it may do. */
export interface Admission {
  /** Runs in place of whatever the client asks for. */
  readonly command?: string;
  readonly mayHaveTerminal: boolean;
}

/** How a public key may log in as a user, if it may and proved it. */
export type Admit = (context: PublicKeyAuthContext) => Admission | undefined;

/**
 * Users are those that the user data names. A user's keys are those of the user data and, as on any machine, those in
 * ~/.ssh/authorized_keys at the moment of the login.
 */
export function createAdmit(keys: ReadonlyMap<string, readonly string[]>, home: string): Admit {
  const known = new Map([...keys].map(([user, lines]) => [user, lines.flatMap(parseLine)]));
  return (context) => {
    const own = known.get(context.username);
    const found = own && [...own, ...addedKeys(home)].find(({ key }) => isKey(key, context.key.data));
    if (!found) return undefined;
    // Without a signature the client asks only whether the key would do.
    const isProved = !context.signature || !context.blob || found.key.verify(context.blob, context.signature, context.hashAlgo) === true;
    return isProved ? found : undefined;
  };
}

function isKey(candidate: ParsedKey, presented: Buffer): boolean {
  const own = candidate.getPublicSSH();
  return own.length === presented.length && timingSafeEqual(own, presented);
}

interface KnownKey extends Admission {
  readonly key: ParsedKey;
}

function addedKeys(home: string): KnownKey[] {
  try {
    return readFileSync(join(home, '.ssh', 'authorized_keys'), 'utf8').split('\n').flatMap(parseLine);
  } catch {
    return [];
  }
}

/** `OPTIONS TYPE BASE64 COMMENT`, the options separated by commas; a value may be in quotes, with \" for a quote in it (sshd(8)). */
const KEY_LINE = /^(?:([\w-]+(?:="(?:\\"|[^"])*")?(?:,[\w-]+(?:="(?:\\"|[^"])*")?)*)\s+)?((?:ssh-|ecdsa-|sk-)\S+ AAAA[\w+/=]+)/;
const OPTION = /([\w-]+)(?:="((?:\\"|[^"])*)")?,?/g;
/** What this server never does needs no forbidding. */
const WITHOUT_EFFECT = ['no-port-forwarding', 'no-agent-forwarding', 'no-x11-forwarding', 'no-user-rc'];

/** A line with an option that is not understood lets nobody in, as with OpenSSH: it may be there to keep somebody out. */
export function parseLine(line: string): KnownKey[] {
  const [, options = '', text] = KEY_LINE.exec(line.trim()) ?? [];
  const parsed = text === undefined ? new Error('no key') : [utils.parseKey(text)].flat()[0];
  if (!parsed || parsed instanceof Error) return [];
  let admission: Admission = { mayHaveTerminal: true };
  for (const [, name = '', value] of options.matchAll(OPTION)) {
    const option = name.toLowerCase();
    if (option === 'command' && value !== undefined) admission = { ...admission, command: value.replaceAll('\\"', '"') };
    else if (option === 'restrict' || option === 'no-pty') admission = { ...admission, mayHaveTerminal: false };
    else if (option === 'pty') admission = { ...admission, mayHaveTerminal: true };
    else if (!WITHOUT_EFFECT.includes(option)) return [];
  }
  return [{ ...admission, key: parsed }];
}
