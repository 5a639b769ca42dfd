import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { makeCertificate } from '../testing/make-certificate.js';
import { openCertificates } from './certificate-store.js';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'certificates-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = (warned: unknown[] = []) => openCertificates({ folder, reloadMs: 20, clock: systemClock, log: { ...silentLogger, warn: (text: string) => void warned.push(text) } });

test.each([
  ['is empty', () => undefined], ['has a certificate without its key', () => { makeCertificate(folder, 'a', ['DNS:a']); rmSync(join(folder, 'a.key')); }],
  ['has the key of another', () => { makeCertificate(folder, 'a', ['DNS:a']); makeCertificate(folder, 'b', ['DNS:b']); writeFileSync(join(folder, 'a.key'), 'no key'); rmSync(join(folder, 'b.crt')); }],
  ['is not there', () => rmSync(folder, { recursive: true })],
])('a folder that %s keeps the tunnel from starting, and it says where it looked', async (_what, prepare) => {
  prepare();
  await expect(open()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining(folder) });
});

test('one that cannot be used does not spoil the others', async () => {
  makeCertificate(folder, 'good', ['DNS:good.example', 'DNS:*.good.example']);
  writeFileSync(join(folder, 'bad.crt'), 'nonsense');
  const warned: unknown[] = [];
  const store = await open(warned);
  expect([store.names(), warned]).toEqual([['good.example', '*.good.example'], ['a certificate cannot be used']]);
  await store.stop();
});

test('what vanishes stays in force as long as nothing else is there', async () => {
  makeCertificate(folder, 'a', ['DNS:a']);
  const store = await open();
  rmSync(join(folder, 'a.crt'));
  await systemClock.sleep(80);
  expect(store.names()).toEqual(['a']);
  makeCertificate(folder, 'b', ['DNS:b']);
  while (!store.names().includes('b')) await new Promise((done) => { setImmediate(done); });
  expect(store.names()).toEqual(['b']);
  await store.stop();
});
