import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
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

test('on one host there is one compose file, and none of the scripts that are for two', async () => {
  await run([...GIVEN, '--layout', 'all-in-one']);
  const files = Object.keys(everything());
  expect(files.filter((path) => /(^|\/)(\.env|[^/]+\.(yml|sh))$/.test(path)).sort()).toEqual(['.env', 'compose.yml', 'internal/postgres-start.sh']);
  // All that the compose file mounts is there.
  const mounted = [...read('compose.yml').matchAll(/(?:- |file: )\.\/([^:\s}]+)/g)].map(([, path = '']) => path);
  expect(mounted.length).toBeGreaterThan(20);
  expect(mounted.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
});

(spawnSync('rsync', ['--version']).status === 0 ? test : test.skip)('another copy takes nothing back that was done on a host', async () => {
  const host = mkdtempSync(join(tmpdir(), 'fogbow-host-'));
  const copy = (...words: string[]): void => expect(spawnSync('rsync', ['-a', ...words, join(folder, 'internal/'), host], { encoding: 'utf8' }).stderr).toBe('');
  const own = ['.env', 'config/manager/users.yaml', 'certificates/tls.crt', 'data/redis/appendonly.aof'];
  try {
    await run([...GIVEN, '--certificates', 'files']);
    expect(said).toContain('(rsync -a)');
    copy();
    for (const path of own) writeFileSync(join(host, path), 'ours');
    said = '';
    await run(['--yes', '--public-address', '203.0.113.9', '--public-bind', '0.0.0.0', '--user', 'bob']);
    expect(said).toContain(`--exclude-from=${folder}/kept-by-hosts`);
    for (const path of ['.env', 'config/manager/users.yaml']) expect(said).toContain(`internal/${path}   (no other copy brings it`);
    copy(`--exclude-from=${folder}/kept-by-hosts`);
    expect(own.map((path) => readFileSync(join(host, path), 'utf8'))).toEqual(own.map(() => 'ours'));
    expect(readFileSync(join(host, 'site.yaml'), 'utf8')).toContain('203.0.113.9');
  } finally {
    rmSync(host, { recursive: true });
  }
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
  ['a bind address that is none', [...GIVEN, '--public-bind', 'foo bar'], 'The public bind address'],
  ['hosts that do not speak the same IP', [...GIVEN, '--inside-address', '2001:db8::1'], 'must both be of IPv4 or both of IPv6'],
  ['ports the wrong way round', [...GIVEN, '--public-ports', '30000-20000'], 'public ports'],
  ['root as the owner', [...GIVEN, '--owner', '0:0'], 'owner'],
  ['a word that is no choice', [...GIVEN, '--certificates', 'magic'], '--certificates must be one of trial, files'],
  ['a cloud file that is not there', [...GIVEN, '--cloud-file', '/nowhere/c.yaml'], '/nowhere/c.yaml cannot be read'],
  ['a user that would leave the folder', [...GIVEN, '--user', '../../etc/x'], 'no id such as alice'],
])('refuses %s and writes nothing', async (_what, words, fault) => {
  await expect(run(words)).rejects.toThrow(fault);
  expect(readdirSync(folder)).toEqual([]);
});

test('what followed from the public address follows from another one, what was given stays', async () => {
  await run([...GIVEN.filter((word) => word !== '--inside-address' && word !== '10.71.0.1'), '--public-address', '198.51.100.1']);
  await run(['--yes', '--public-address', '203.0.113.9']);
  expect(parse(read('answers.yaml'))).toMatchObject({ publicAddress: '203.0.113.9', publicBind: '203.0.113.9', insideAddress: '203.0.113.9' });
  await run(['--yes', '--public-bind', '192.168.9.1', '--inside-address', '10.71.0.1']);
  await run(['--yes', '--public-address', '203.0.113.10']);
  expect(parse(read('answers.yaml'))).toMatchObject({ publicAddress: '203.0.113.10', publicBind: '192.168.9.1', insideAddress: '10.71.0.1' });
});

// Without nft, or the right to ask the kernel, the story two-hosts tells.
const canCheck = spawnSync('nft', ['-c', 'list', 'tables']).status === 0;
const BINDS = [['the public address', []], ['a private one', ['--public-bind', '192.168.9.1']], ['all', ['--public-bind', '0.0.0.0']], ['all of one host', ['--public-bind', '0.0.0.0', '--layout', 'all-in-one']], ['addresses of IPv6', ['--public-address', '2001:db8::7', '--internal-address', '2001:db8::5', '--inside-address', '2001:db8::8']]] as const;

(canCheck ? test.each(BINDS) : test.skip.each(BINDS))('nft takes the rules of a host that binds %s', async (_what, words) => {
  await run([...GIVEN, ...words]);
  for (const host of ['internal', 'external']) {
    const { status, stderr } = spawnSync('nft', ['-c', '-f', join(folder, host, 'nftables.conf')], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  }
});

test('health and metrics of every process can be reached by containers of its network', async () => {
  await run(GIVEN);
  for (const [path, settings] of [['manager/manager-worker', { http: { host: '0.0.0.0' }, health: { port: 8180 } }], ['manager/manager-federation', { http: { host: '0.0.0.0' }, health: { port: 8180 } }], ['rendezvous/rendezvous', { http: { host: '0.0.0.0', port: 8181 } }]] as const) {
    expect(parse(read(`internal/config/${path}.yaml`))).toMatchObject(settings);
  }
  expect(read('internal/compose.yml').match(/^    ports: .*$/gm)).toEqual(['    ports: ["${FOGBOW_API_ADDRESS}:8182:8182"]']);
});

test('where addresses are translated the rules speak of those that arrive', async () => {
  await run([...GIVEN, '--public-bind', '192.168.9.1']);
  expect(read('external/nftables.conf')).toContain('ip daddr 192.168.9.1 tcp dport { 5269, 20000-30000 } accept');
  expect(read('external/nftables.conf')).toContain('ip daddr 192.168.9.1 counter name refused drop');
  expect(read('external/nftables.conf')).not.toContain('198.51.100.1');
  expect(read('internal/nftables.conf')).toContain('saddr { 10.71.0.1, 198.51.100.1, 192.168.9.1 }');
  await run(['--yes', '--public-bind', '0.0.0.0']);
  expect(read('external/nftables.conf')).toMatch(/^ +tcp dport \{ 5269, 20000-30000 \} accept\n +fib daddr type local counter name refused drop$/m);
});

test('the rules let in what comes by the engine’s own bridge, and by no other that a host may have', async () => {
  await run(GIVEN);
  const { networks } = parse(read('internal/compose.yml')) as { networks: { default: { driver_opts: Record<string, string> } } };
  for (const host of ['internal', 'external']) {
    expect(read(`${host}/nftables.conf`)).toContain(`iifname { "docker0", "${networks.default.driver_opts['com.docker.network.bridge.name']}" } accept`);
    expect((parse(read(`${host}/compose.yml`)) as object)).toMatchObject({ networks });
  }
});

test('the front says who dialled, and the API of its network requires it', async () => {
  await run(GIVEN);
  expect(read('internal/config/front/haproxy.cfg')).toMatch(/default-server .* send-proxy-v2 check-send-proxy$/m);
  expect(parse(read('internal/config/manager/manager-api.yaml'))).toMatchObject({ http: { proxyProtocol: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'] } });
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
    // On the usual loopback address somebody may have a Redis of his own.
    await run([...GIVEN, '--internal-address', '127.0.0.77', '--public-address', '127.0.0.77', '--inside-address', '127.0.0.77', '--layout', 'all-in-one']);
    expect(await doctor('--directory', join(folder, 'internal'), '--json', '--timeout', '3')).toBe(1);
    const { ok, findings } = JSON.parse(said) as { ok: boolean; findings: { check: string; ok: boolean; remedy?: string }[] };
    expect(ok).toBe(false);
    expect(findings.length).toBeGreaterThan(8);
    for (const finding of findings) expect(finding).toMatchObject({ ok: false, remedy: expect.any(String) });
  });

  test.each([
    ['a folder that is none', ['--directory', '/nowhere'], 'There is no site.yaml'],
    ['the wrong host', ['--directory', 'HERE/external', '--host', 'internal'], 'is the folder of the external host'],
    ['both hosts at once', ['--directory', 'HERE'], 'holds both hosts'],
    ['a place that is none', ['--directory', 'HERE/external', '--host', 'moon'], '--host must be one of'],
    ['no time', ['--directory', 'HERE/external', '--timeout', 'soon'], '--timeout must be'],
  ])('refuses %s', async (_what, words, fault) => {
    await run(GIVEN);
    await expect(doctor(...words.map((word) => word.replace('HERE', folder)))).rejects.toThrow(fault);
  });
});
