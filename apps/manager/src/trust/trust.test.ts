import fc from 'fast-check';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { decidePin } from './decide-pin.js';
import { createForwardedIdentity } from './forwarded-identity.js';
import type { Purpose } from './forwarded-identity.js';
import { readCompact, signCompact } from './jws.js';
import { makeCertificate, readCertificate } from './member-certificate.js';
import { deriveSigningKey, thumbprint } from './signing-key.js';
import type { PublicKey, SigningKey } from './signing-key.js';

const A = 'manager.a.test';
const B = 'manager.b.test';
const key = (): SigningKey => deriveSigningKey(randomBytes(32));
const [first, second, other] = [key(), key(), key()];

describe('signatures', () => {
  test('are those of RFC 8037 appendix A', () => {
    expect(thumbprint({ x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
  test('hold for what was signed, and for nothing else', () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), fc.nat(), (claims, position) => {
      const token = signCompact(claims, first);
      expect(readCompact(token, first.publicKey)).toEqual(JSON.parse(JSON.stringify(claims)));
      expect(readCompact(token, other.publicKey)).toBeUndefined();
      const at = position % token.length;
      const forged = `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
      // The last character of base64url may have bits that mean nothing.
      if (at !== token.length - 1) expect(readCompact(forged, first.publicKey)).toBeUndefined();
    }));
  });
  test.each(['none', 'HS256', 'ES256'])('of algorithm %s are never believed', (alg) => {
    const [, payload = '', signature = ''] = signCompact({ sub: 'mallory' }, first).split('.');
    const header = Buffer.from(JSON.stringify({ alg })).toString('base64url');
    expect(readCompact(`${header}.${payload}.${signature}`, first.publicKey)).toBeUndefined();
    expect(readCompact(`${header}.${payload}.`, first.publicKey)).toBeUndefined();
  });
  test('are read from garbage without a throw', () => fc.assert(fc.property(fc.string(), (text) => {
    expect([readCompact(text, first.publicKey), readCertificate(A, text), readCertificate(A, Buffer.from(text).toString('base64'))]).toEqual([undefined, undefined, undefined]);
  })));
});

describe('the key of a member', () => {
  const certificate = (current: SigningKey, previous?: SigningKey) => readCertificate(A, makeCertificate(A, { current, ...(previous ? { previous } : {}) })) as NonNullable<ReturnType<typeof readCertificate>>;
  test('is published by itself only', () => {
    expect(certificate(first).key).toEqual(first.publicKey);
    expect(readCertificate(B, makeCertificate(A, { current: first }))).toBeUndefined();
    const stolen = JSON.parse(Buffer.from(makeCertificate(A, { current: first }), 'base64').toString()) as { payload: string; signatures: unknown[] };
    const forged = Buffer.from(JSON.stringify({ ...stolen, signatures: [] })).toString('base64');
    expect(readCertificate(A, forged)).toBeUndefined();
  });
  test('is the same text from the same keys', () => expect(makeCertificate(A, { current: first, previous: second })).toBe(makeCertificate(A, { current: first, previous: second })));
  test.each<[string, PublicKey | undefined, ReturnType<typeof certificate>, object]>([
    ['the first is believed', undefined, certificate(first), { pin: first.publicKey, why: 'first use' }],
    ['the same stays', first.publicKey, certificate(first), { keep: first.publicKey }],
    ['one that the known one has signed follows', first.publicKey, certificate(second, first), { pin: second.publicKey, why: 'rotated' }],
    ['one that it has not signed is refused', first.publicKey, certificate(second), { keep: first.publicKey, refused: second.publicKey }],
    ['one that a third has signed is refused', first.publicKey, certificate(second, other), { keep: first.publicKey, refused: second.publicKey }],
    ['an old one does not come back', second.publicKey, certificate(first), { keep: second.publicKey, refused: first.publicKey }],
  ])('%s', (_name, pinned, published, decision) => expect(decidePin(pinned, published)).toEqual(decision));
  test('of another kind is none', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const payload = Buffer.from(JSON.stringify({ sub: A, jwk: publicKey.export({ format: 'jwk' }) })).toString('base64url');
    expect(readCertificate(A, Buffer.from(JSON.stringify({ payload, signatures: [{ protected: 'e30', signature: '' }] })).toString('base64'))).toBeUndefined();
  });
});

describe('a forwarded identity', () => {
  let now = new Date('2026-01-01T00:00:00Z');
  const alice = { id: 'alice', name: 'Alice “Ä”' };
  const PURPOSE: Purpose = 'order 1.1';
  const side = (self: string, own: SigningKey, known: PublicKey | undefined, acceptUnsigned = false) =>
    createForwardedIdentity({ self, key: own, keyOf: () => Promise.resolve(known), acceptUnsigned, now: () => now });
  const provider = side(B, second, first.publicKey);
  beforeEach(() => { now = new Date('2026-01-01T00:00:00Z'); });

  test('is proved at the member that it was made for', async () => expect(await provider.prove(A, side(A, first, undefined).vouchFor(alice, B, PURPOSE), PURPOSE)).toEqual(alice));
  test.each<[string, SigningKey, string, string, Purpose, number, string]>([
    ['another key', other, A, B, PURPOSE, 0, 'not signed'],
    ['another sender', first, 'manager.c.test', B, PURPOSE, 0, 'another sender'],
    ['another member', first, A, 'manager.c.test', PURPOSE, 0, 'another member'],
    ['another order', first, A, B, 'order 2.1', 0, 'another purpose'],
    ['another attempt', first, A, B, 'order 1.2', 0, 'another purpose'],
    ['too long ago', first, A, B, PURPOSE, 600_000, 'expired'],
    ['the future', first, A, B, PURPOSE, -600_000, 'expired'],
  ])('of %s is refused', async (_name, by, iss, aud, purpose, laterMs, why) => {
    const token = side(iss, by, undefined).vouchFor(alice, aud, purpose);
    now = new Date(now.getTime() + laterMs);
    await expect(provider.prove(A, token, PURPOSE)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining(why) as string });
  });
  test('is the token’s, not what stands beside it', async () =>
    expect(await provider.prove(A, { ...side(A, first, undefined).vouchFor(alice, B, PURPOSE), userId: 'root', userName: 'Root' }, PURPOSE)).toEqual(alice));
  test.each([['with a NUL', 'a\0b'], ['with half a character', 'a\ud800'], ['that is a novel', 'x'.repeat(1001)]])('%s is refused: no database takes it', async (_name, text) => {
    for (const user of [{ id: text, name: 'A' }, { id: 'a', name: text }]) {
      await expect(provider.prove(A, side(A, first, undefined).vouchFor(user, B, PURPOSE), PURPOSE)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(side(B, second, undefined, true).prove(A, { accessId: '', userId: user.id, userName: user.name }, PURPOSE)).rejects.toMatchObject({ code: 'forbidden' });
    }
  });
  test('without a token is refused where a key is known, and taken where the operator takes originals', async () => {
    const plain = { accessId: '', userId: 'olga', userName: 'Olga' };
    await expect(provider.prove(A, plain, PURPOSE)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(side(B, second, undefined).prove(A, plain, PURPOSE)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await side(B, second, undefined, true).prove(A, plain, PURPOSE)).toEqual({ id: 'olga', name: 'Olga' });
  });
});
