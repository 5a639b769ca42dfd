import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createFakeEngine } from './fake-engine.js';
import type { FakeEngine } from './fake-engine.js';

const PARTS = {
  internal: ['secrets/manager-key', 'secrets/postgres-password', 'config/manager/manager-api.yaml', 'certificates/tls.crt', 'trust/ca.pem', 'cloud/ca.pem', '.env', 'site.yaml'],
  external: ['secrets/tunnel-redis-url', 'config/redis/redis.conf', 'certificates/tls.crt', 'trust/members.pem', 'data/tunnel/host-key', '.env', 'site.yaml'],
} as const;
type Host = keyof typeof PARTS;
const HOSTS = Object.keys(PARTS) as Host[];
let state: string;
let folder: string;
let backup: string;
let engine: FakeEngine;

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A host with `then` in its files, and a backup of the time when they said `once`. */
function prepare(host: Host): void {
  state = mkdtempSync(join(tmpdir(), 'fogbow-restore-'));
  [folder, backup] = [join(state, host), join(state, 'backup.tar.gz')];
  cpSync(join(__dirname, '../../deploy', host, 'restore.sh'), join(folder, 'restore.sh'));
  for (const path of PARTS[host]) write(join(state, 'saved'), path, path.endsWith('postgres-password') ? 'same' : 'once');
  if (host === 'internal') write(join(state, 'saved'), 'database.dump', 'dump');
  expect(spawnSync('tar', ['-czf', backup, '-C', join(state, 'saved'), ...readdirSync(join(state, 'saved'))]).status).toBe(0);
  for (const path of PARTS[host]) write(folder, path, path.endsWith('postgres-password') ? 'same' : 'then');
  mkdirSync(join(folder, 'data/postgres/15'), { recursive: true });
  engine = createFakeEngine(state, folder);
}
afterEach(() => rmSync(state, { recursive: true }));

const texts = (host: Host, root = folder): string[] => PARTS[host].filter((path) => !path.endsWith('postgres-password')).map((path) => readFileSync(join(root, path), 'utf8'));
const kept = (): string[] => readdirSync(folder).filter((name) => name.startsWith('before-restore'));
const isAll = (host: Host, word: string, root?: string): void => expect(new Set(texts(host, root))).toEqual(new Set([word]));

test.each(HOSTS)('%s: what was there is kept beside, however often it is tried', (host) => {
  prepare(host);
  mkdirSync(join(folder, 'before-restore-19990101T000000'));
  expect(engine.run('restore.sh', [backup])).toMatchObject({ status: 0, said: expect.stringContaining('what was there before is in') });
  isAll(host, 'once');
  expect(kept()).toHaveLength(2);
  isAll(host, 'then', join(folder, kept().sort().at(-1) ?? ''));
});

test.each([
  ['internal', 'compose exec -T postgres sh -c'],
  ['internal', 'compose up -d postgres'],
  ['external', 'compose up -d'],
] as const)('%s: when `%s` fails all is as it was, and told to run', (host, failAt) => {
  prepare(host);
  expect(engine.run('restore.sh', [backup], { failAt }).status).not.toBe(0);
  isAll(host, 'then');
  expect(kept()).toEqual([]);
  // What had started on the files that came stops before they go.
  expect(engine.asked().slice(-2)).toEqual(['compose stop', 'compose up -d']);
});

test('a database of another installation is refused before anything is stopped', () => {
  prepare('internal');
  writeFileSync(join(folder, 'secrets/postgres-password'), 'another');
  expect(engine.run('restore.sh', [backup])).toMatchObject({ status: 1, said: expect.stringContaining('another installation') });
  expect(engine.asked()).toEqual(['compose version']);
  isAll('internal', 'then');
});

test.each(HOSTS)('%s: on a new host a failure leaves what came, and the next try goes on', (host) => {
  prepare(host);
  for (const name of readdirSync(folder).filter((one) => one !== 'restore.sh')) rmSync(join(folder, name), { recursive: true });
  expect(engine.run('restore.sh', [backup], { failAt: 'compose up -d' }).status).not.toBe(0);
  isAll(host, 'once');
  expect(engine.run('restore.sh', [backup])).toMatchObject({ status: 0 });
  isAll(host, 'once');
});
