import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, explicit, implicit, integer, octets, oid, sequence, set, time, truth, utf8 } from './der.js';

export interface Wish {
  /** Its common name. */
  readonly subject: string;
  /** DNS names and addresses that it speaks for. */
  readonly names: readonly string[];
  readonly days: number;
  readonly now: Date;
  /** Absent: it is an authority, and signs itself. */
  readonly issuer?: { readonly subject: string; readonly key: string };
}

/** Both PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const DAY_MS = 86_400_000;
/** Clocks of others may be a little behind. */
const BACKDATE_MS = 3_600_000;

/** A certificate (RFC 5280) with a new key on P-256. For trials, where nobody is there who would vouch for a member; needs no program of others. */
export function issueCertificate({ subject, names, days, now, issuer }: Wish): Pair {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer?.subject ?? subject),
    sequence(time(new Date(now.getTime() - BACKDATE_MS)), time(new Date(now.getTime() + days * DAY_MS))),
    distinguishedName(subject),
    spki,
    explicit(3, sequence(...(issuer ? endEntity(names) : authority()), extension('2.5.29.14', octets(keyId(spki))), ...(issuer ? [vouchedBy(issuer.key)] : []))),
  );
  const signature = sign('sha256', content, createPrivateKey(issuer?.key ?? key));
  return { key, certificate: pem(sequence(content, ECDSA_WITH_SHA256, bits(signature))) };
}

const keyId = (spki: Buffer): Buffer => createHash('sha1').update(spki).digest();
const vouchedBy = (key: string): Buffer => extension('2.5.29.35', sequence(implicit(0, keyId(createPublicKey(key).export({ type: 'spki', format: 'der' })))));

const distinguishedName = (commonName: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), utf8(commonName))));

const extension = (id: string, content: Buffer, isCritical = false): Buffer => sequence(oid(id), ...(isCritical ? [truth] : []), octets(content));

/** May sign certificates, and nothing else. */
const authority = (): Buffer[] => [extension('2.5.29.19', sequence(truth), true), extension('2.5.29.15', bits(Buffer.from([0b00000110]), 1), true)];

/** Servers prove themselves to each other, so each is a client as well. */
function endEntity(names: readonly string[]): Buffer[] {
  return [
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', bits(Buffer.from([0b10000000]), 7), true),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.17', sequence(...names.map((name) => (isIP(name) ? implicit(7, addressBytes(name)) : implicit(2, Buffer.from(name)))))),
  ];
}

/** An IPv6 address may leave out one run of zeros. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = [], tail = []] = address.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
}
