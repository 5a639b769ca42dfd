import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export interface Account {
  readonly username: string;
  readonly password: string;
}

/** One way to prove a password. All texts are what stands in base64 on the wire. */
export interface SaslExchange {
  readonly mechanism: string;
  /** The initial response. */
  readonly first: string;
  /** Throws a sentence when the server is not who knows our password. */
  answer(challenge: string): Promise<string>;
  /** Looks at what came with the success; throws likewise. */
  finish(success: string): void;
}

const HASHES: Readonly<Record<string, 'sha256' | 'sha1'>> = { 'SCRAM-SHA-256': 'sha256', 'SCRAM-SHA-1': 'sha1' };
/** More would only keep our processor busy. */
const MAX_ITERATIONS = 1_000_000;

/** The best of what the server offers: SCRAM (RFC 5802, 7677) before PLAIN (RFC 4616), which is for ways that nobody can listen to. */
export function chooseMechanism(offered: readonly string[], account: Account, options: { readonly nonce: string; readonly allowPlain: boolean }): SaslExchange {
  const scram = Object.keys(HASHES).find((name) => offered.includes(name));
  if (scram) return createScram(scram, account, options.nonce);
  if (!offered.includes('PLAIN')) throw new Error(`the server offers no way to log in that we know, only ${offered.join(', ') || 'none'}`);
  if (!options.allowPlain) throw new Error('the server wants the password in the clear, and the connection is neither wss nor to this machine');
  return createPlain(account);
}

function createPlain({ username, password }: Account): SaslExchange {
  return {
    mechanism: 'PLAIN', first: `\0${username}\0${password}`,
    answer: () => Promise.reject(new Error('the server asks on after PLAIN')),
    finish: () => undefined,
  };
}

function createScram(mechanism: string, { username, password }: Account, nonce: string): SaslExchange {
  const hash = HASHES[mechanism] as 'sha256' | 'sha1';
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();
  let expected: Buffer | undefined;
  return {
    mechanism, first: `n,,${bare}`,
    async answer(challenge) {
      const { r = '', s = '', i = '' } = attributesOf(challenge);
      const iterations = Number(i);
      if (!r.startsWith(nonce) || r === nonce || !s || !Number.isInteger(iterations) || iterations < 1 || iterations > MAX_ITERATIONS) throw new Error('the server does not play by the rules of SCRAM');
      const salted = await promisify(pbkdf2)(password.normalize('NFKC'), Buffer.from(s, 'base64'), iterations, hash === 'sha1' ? 20 : 32, hash);
      const clientKey = hmac(salted, 'Client Key');
      const withoutProof = `c=biws,r=${r}`;
      const message = `${bare},${challenge},${withoutProof}`;
      const signature = hmac(createHash(hash).update(clientKey).digest(), message);
      expected = hmac(hmac(salted, 'Server Key'), message);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)));
      return `${withoutProof},p=${proof.toString('base64')}`;
    },
    finish(success) {
      const given = Buffer.from(attributesOf(success)['v'] ?? '', 'base64');
      if (!expected || given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Error('the server did not prove that it knows our password');
    },
  };
}

const attributesOf = (text: string): Record<string, string> => Object.fromEntries(text.split(',').map((part) => [part.slice(0, 1), part.slice(2)]));
