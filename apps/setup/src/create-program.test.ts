import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '@fogbow/service-runtime';
import type { Ask } from './answers/gather-answers.js';
import { createProgram } from './create-program.js';
import { createWriter } from './files/writer.js';

const templates = join(__dirname, '..', '..', '..', 'deploy');
const OWNER = `${process.getuid?.() === 0 ? 10001 : process.getuid?.()}:${process.getuid?.() === 0 ? 10001 : process.getgid?.()}`;
const GIVEN = ['--yes', '--domain', 'a.test', '--internal-address', '10.71.0.2', '--public-address', '198.51.100.1', '--inside-address', '10.71.0.1', '--owner', OWNER];
jest.setTimeout(30_000);
let folder: string;
let said: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'fogbow-setup-')); said = ''; });
afterEach(() => rmSync(folder, { recursive: true }));

const run = (words: readonly string[], { ask, now = new Date() }: { readonly ask?: Ask; readonly now?: Date } = {}) =>
  createProgram({ templates, version: '1', ask, write: (text) => { said += text; }, note: (text) => { said += text; }, now: () => now, cloudProgram: '', fail: () => undefined }).parseAsync(['--directory', folder, ...words], { from: 'user' });
const read = (path: string): string => readFileSync(join(folder, path), 'utf8');
const everything = (): Record<string, string> => Object.fromEntries((readdirSync(folder, { recursive: true }) as string[]).filter((path) => statSync(join(folder, path)).isFile()).map((path) => [path, read(path)]));

test('a second run changes nothing', async () => {
  await run(GIVEN);
  const before = everything();
  said = '';
  await run(['--yes']);
  expect(everything()).toEqual(before);
  expect(said).toMatch(/ 0 made, 0 changed, \d+ kept/);
});

test('of two that make the same secret one is first, and both have it', () => {
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const [one, other] = [createWriter(folder, owner), createWriter(folder, owner)];
  one.create('secrets/word', 'first');
  other.create('secrets/word', 'second');
  expect(read('secrets/word')).toBe('first');
  expect([one.fates().get('secrets/word'), other.fates().get('secrets/word')]).toEqual(['made', undefined]);
  expect(readdirSync(join(folder, 'secrets'))).toEqual(['word']);
});

test('secrets are 0600 and stay, whatever else is changed', async () => {
  await run(GIVEN);
  const key = read('secrets/manager-key');
  for (const path of Object.keys(everything()).filter((one) => /secrets\/|\.key$|redis\.conf|users\.acl|prosody\.cfg/.test(one))) expect([path, (statSync(join(folder, path)).mode & 0o777).toString(8)]).toEqual([path, '600']);
  await run(['--yes', '--public-address', '203.0.113.9', '--public-bind', '0.0.0.0', '--user', 'bob']);
  expect(read('secrets/manager-key')).toBe(key);
  expect(read('dns-records.zone')).toContain('external.a.test. 3600 IN A 203.0.113.9');
  expect((parse(read('internal/config/manager/users.yaml')) as { users: { id: string }[] }).users.map(({ id }) => id)).toEqual(['admin', 'bob']);
  expect(new X509Certificate(read('external/certificates/tls.crt')).checkIP('203.0.113.9')).toBe('203.0.113.9');
});

test('no secret stands in what is not secret', async () => {
  await run(GIVEN);
  const secrets = readdirSync(join(folder, 'secrets')).map((name) => read(`secrets/${name}`).trim());
  for (const path of ['answers.yaml', 'internal/.env', 'external/.env', 'internal/compose.yml', 'dns-records.zone', 'internal/config/manager/manager-api.yaml', 'internal/config/manager/users.yaml']) {
    for (const secret of secrets) expect(read(path)).not.toContain(secret);
  }
});

test('a secret that became empty is told, not made anew', async () => {
  await run(GIVEN);
  writeFileSync(join(folder, 'secrets/manager-key'), '');
  await expect(run(['--yes'])).rejects.toThrow('manager-key is empty');
});

test('a certificate is made anew before it ends; the authority stays', async () => {
  await run(GIVEN);
  const [authority, certificate] = [read('authority/ca.pem'), read('internal/certificates/tls.crt')];
  await run(['--yes'], { now: new Date(Date.now() + 200 * 86_400_000) });
  expect(read('internal/certificates/tls.crt')).toBe(certificate);
  await run(['--yes'], { now: new Date(Date.now() + 330 * 86_400_000) });
  expect(read('internal/certificates/tls.crt')).not.toBe(certificate);
  expect(read('authority/ca.pem')).toBe(authority);
});

test('others whose authority lies in trusted/ are believed', async () => {
  await run(GIVEN);
  cpSync(join(folder, 'authority/ca.pem'), join(folder, 'trusted/b.pem'));
  await run(['--yes']);
  expect(read('external/trust/members.pem').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
});

test('with files of the operator nothing is made, and what is missing is told', async () => {
  await run([...GIVEN, '--certificates', 'files']);
  expect(existsSync(join(folder, 'authority'))).toBe(false);
  expect(said).toContain('external/certificates/tls.crt');
  expect(read('internal/config/manager/manager-federation.yaml')).not.toContain('caFile');
});

test('asks for what is missing, and proposes', async () => {
  const answers: Record<string, string> = { Domain: 'b.test', 'Address of the internal': '10.0.0.2', 'Address of the external host, as the world': '192.0.2.1' };
  const ask: Ask = async (question, proposal) => Object.entries(answers).find(([begin]) => question.startsWith(begin))?.[1] ?? proposal ?? '';
  await run(['--owner', OWNER], { ask });
  expect(parse(read('answers.yaml'))).toMatchObject({ domain: 'b.test', insideAddress: '192.0.2.1', rendezvous: 'own', cloud: { plugin: 'no-cloud' } });
});

test.each([
  ['nothing to go by', ['--yes'], '--domain, --internal-address, --public-address'],
  ['a domain in capitals', [...GIVEN, '--domain', 'A.test'], 'The domain "A.test"'],
  ['an address that is none', [...GIVEN, '--internal-address', '10.0.0.256'], 'The internal address'],
  ['ports the wrong way round', [...GIVEN, '--public-ports', '30000-20000'], 'public ports'],
  ['root as the owner', [...GIVEN, '--owner', '0:0'], 'owner'],
  ['a word that is no choice', [...GIVEN, '--certificates', 'magic'], '--certificates must be one of trial, files'],
  ['a cloud file that is not there', [...GIVEN, '--cloud-file', '/nowhere/c.yaml'], '/nowhere/c.yaml cannot be read'],
  ['a user that would leave the folder', [...GIVEN, '--user', '../../etc/x'], 'no id such as alice'],
])('refuses %s and writes nothing', async (_what, words, fault) => {
  await expect(run(words)).rejects.toThrow(fault);
  expect(readdirSync(folder)).toEqual([]);
});

test('the Manager’s files have no fault of form', async () => {
  await run(GIVEN);
  for (const role of ['api', 'worker', 'federation']) {
    const { faults } = loadConfig({}, { file: join(folder, `internal/config/manager/manager-${role}.yaml`) });
    expect(faults.filter((fault) => !fault.includes('is not a setting'))).toEqual([]);
  }
});

test('nft takes the rules', async () => {
  await run(GIVEN);
  for (const host of ['internal', 'external']) {
    const { status, stderr, error } = spawnSync('nft', ['-c', '-f', join(folder, host, 'nftables.conf')], { encoding: 'utf8' });
    // Where there is no nft, or no right to ask the kernel, the story two-hosts tells.
    if (!error && !/not permitted/.test(stderr)) expect([status, stderr]).toEqual([0, '']);
  }
});

test('the front says who dialled, and the API of its network requires it', async () => {
  await run(GIVEN);
  expect(read('internal/config/front/haproxy.cfg')).toMatch(/default-server .* send-proxy-v2 check-send-proxy$/m);
  expect(parse(read('internal/config/manager/manager-api.yaml'))).toMatchObject({ http: { proxyProtocol: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] } });
  expect(parse(read('internal/config/manager/manager-worker.yaml'))).not.toHaveProperty('http.proxyProtocol');
  const { status, stderr, error } = spawnSync('haproxy', ['-c', '-q', '-f', join(folder, 'internal/config/front/haproxy.cfg')], { encoding: 'utf8' });
  // Where there is no HAProxy the story two-hosts tells.
  if (!error) expect([status, stderr]).toEqual([0, '']);
});

describe('doctor', () => {
  const doctor = async (...words: string[]): Promise<number> => {
    let status = 0;
    said = '';
    await createProgram({ templates, version: '1', ask: undefined, write: (text) => { said += text; }, note: (text) => { said += text; }, now: () => new Date(), cloudProgram: '/nowhere/main.js', fail: (given) => { status = given; } })
      .parseAsync(['doctor', ...words], { from: 'user' });
    return status;
  };

  test('finds every leg of a place where nothing runs broken, each with its remedy', async () => {
    await run([...GIVEN, '--internal-address', '127.0.0.1', '--public-address', '127.0.0.1', '--inside-address', '127.0.0.1', '--layout', 'all-in-one']);
    expect(await doctor('--directory', join(folder, 'internal'), '--json', '--timeout', '3')).toBe(1);
    const { ok, findings } = JSON.parse(said) as { ok: boolean; findings: { check: string; ok: boolean; remedy?: string }[] };
    expect(ok).toBe(false);
    expect(findings.length).toBeGreaterThan(8);
    for (const finding of findings) expect(finding).toMatchObject({ ok: false, remedy: expect.any(String) });
  });

  test.each([
    ['a folder that is none', ['--directory', '/nowhere'], 'There is no site.yaml'],
    ['the wrong host', ['--directory', 'HERE/external', '--host', 'internal'], 'is the folder of the external host'],
    ['a place that is none', ['--directory', 'HERE/external', '--host', 'moon'], '--host must be one of'],
    ['no time', ['--directory', 'HERE/external', '--timeout', 'soon'], '--timeout must be'],
  ])('refuses %s', async (_what, words, fault) => {
    await run(GIVEN);
    await expect(doctor(...words.map((word) => word.replace('HERE', folder)))).rejects.toThrow(fault);
  });
});
