import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { issueCertificate } from './issue-certificate.js';

const now = new Date();
const ca = issueCertificate({ subject: 'A CA of é', names: [], days: 3650, now });
const names = ['external.example.org', 'manager.example.org', '192.0.2.1', '2001:db8::17'];
const leaf = issueCertificate({ subject: 'example.org', names, days: 90, now, issuer: { subject: 'A CA of é', key: ca.key } });

test('Node reads what was meant', () => {
  const [authority, certificate] = [new X509Certificate(ca.certificate), new X509Certificate(leaf.certificate)];
  expect(certificate.verify(authority.publicKey)).toBe(true);
  expect(certificate.checkIssued(authority)).toBe(true);
  expect(authority.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
  expect(names.map((name) => (/^\d|:/.test(name) ? certificate.checkIP(name) : certificate.checkHost(name)))).toEqual(names);
  expect(Math.round((Date.parse(certificate.validTo) - now.getTime()) / 86_400_000)).toBe(90);
});

test('so does OpenSSL, which is stricter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-certificate-'));
  writeFileSync(join(folder, 'ca'), ca.certificate);
  writeFileSync(join(folder, 'leaf'), leaf.certificate);
  const { status, stderr } = spawnSync('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', 'manager.example.org', '-CAfile', join(folder, 'ca'), join(folder, 'leaf')], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(status === 0 ? '' : stderr).toBe('');
});

test('years from 2050 on have four digits', () => {
  expect(new X509Certificate(issueCertificate({ subject: 'late', names: [], days: 365 * 40, now }).certificate).validTo).toMatch(/20[56]\d/);
});
