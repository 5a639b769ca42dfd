import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startStandInManager, makeOrder, orderId } from './testing/stand-in-manager.js';
import type { StandInManager } from './testing/stand-in-manager.js';
import { createTestHost } from './testing/test-host.js';
import type { TestHost } from './testing/test-host.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me';
let manager: StandInManager;
let host: TestHost;
beforeEach(async () => {
  manager = await startStandInManager();
  host = createTestHost({ env: { FOGBOW_URL: manager.url, FOGBOW_TOKEN: 'good' } });
});
afterEach(async () => {
  host.remove();
  await manager.close();
});
const lastBody = (): unknown => manager.seen.findLast(({ method }) => method === 'POST')?.body;
function giveKey(): void {
  mkdirSync(join(host.home, '.ssh'));
  writeFileSync(join(host.home, '.ssh', 'id_ed25519.pub'), `${KEY}\n`);
  writeFileSync(join(host.home, '.ssh', 'id_ed25519'), 'secret');
}

describe('profiles', () => {
  test('login checks the token, keeps it privately and is used from then on', async () => {
    const fresh = createTestHost({ secret: 'good\n' });
    const ran = await fresh.run('login', '--url', `${manager.url}/`);
    const file = join(fresh.home, '.config', 'fogbow', 'config.yaml');
    expect(ran).toEqual({ status: 0, notes: '', out: `Logged in to ${manager.url} as alice; kept as profile default in ${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await fresh.run('whoami')).out).toContain('profile  default');
    expect((await fresh.run('profiles', '--output', 'json')).out).not.toContain('good');
    await fresh.run('login', '--url', 'http://other.example:1', '--no-check');
    expect((await fresh.run('profiles')).out).toContain('*  other.example-1');
    expect((await fresh.run('profiles', 'use', 'default')).status).toBe(0);
    expect((await fresh.run('whoami', '--profile', 'nope')).status).toBe(2);
    await fresh.run('logout');
    expect((await fresh.run('whoami')).notes).toContain('fogbow login');
    expect(readFileSync(file, 'utf8')).toContain(manager.url);
    fresh.remove();
  });

  test.each(['constructor', 'toString', '__proto__'])('%s is the name of no profile', async (name) => {
    const fresh = createTestHost({ secret: 'good' });
    await fresh.run('login', '--url', manager.url);
    for (const words of [['logout', name], ['profiles', 'use', name], ['profiles', 'remove', name]]) expect((await fresh.run(...words)).notes).toContain('There is no profile');
    expect((await fresh.run('whoami')).status).toBe(0);
    fresh.remove();
  });

  test('a token that cannot travel in a header is told before it is sent', async () => {
    const fresh = createTestHost({ env: { FOGBOW_URL: manager.url, FOGBOW_TOKEN: 'go\u00f6d' } });
    expect(await fresh.run('whoami')).toMatchObject({ status: 2, notes: expect.stringContaining('one line of printable ASCII') as string });
    expect(await fresh.run('whoami', '--auth-token', 'go\nod')).toMatchObject({ status: 2 });
    expect(manager.seen).toEqual([]);
    fresh.remove();
  });

  test('a token that is not good is not kept', async () => {
    const fresh = createTestHost({ secret: 'bad' });
    expect((await fresh.run('login', '--url', manager.url)).status).toBe(1);
    expect((await fresh.run('profiles')).out).toContain('There are no profiles');
    fresh.remove();
  });

  test('credentials become a token', async () => {
    const fresh = createTestHost({ env: { FOGBOW_TOKEN: 'good' } });
    expect((await fresh.run('token', '--url', manager.url, '--create', '-Dusername=alice', '-Dpassword=a=b')).out).toBe('token-of-alice\n');
    expect(lastBody()).toEqual({ credentials: { username: 'alice', password: 'a=b' } });
    fresh.remove();
  });
});

describe('orders', () => {
  test('create takes the key of the user, sends an idempotency key and prints the ids', async () => {
    giveKey();
    const ran = await host.run('order', 'create', '-n', '2', '--flavor', 'small', '--member', 'b.example', '--requirements', 'Glue2vCPU>=1', '--valid-until', '2030-05-07', '--wait', '4.5');
    expect(ran).toEqual({ status: 0, out: `${orderId(1)}\n${orderId(2)}\n`, notes: '' });
    expect(lastBody()).toEqual({
      kind: 'compute', count: 2, flavor: 'small', requirements: '(Glue2vCPU>=1) && Glue2CloudComputeManagerID == "b.example"', validUntil: '2030-05-07T23:59:59.999Z', publicKey: KEY,
    });
    expect(manager.seen.at(-1)?.headers).toMatchObject({ 'idempotency-key': 'id-1', prefer: 'wait=5' });
  });

  test('a dry run says where and why not elsewhere, and orders nothing', async () => {
    const ran = await host.run('order', 'create', '--dry-run', '--no-public-key');
    expect(ran.out).toContain('1. send at b.example (home is full)');
    expect(ran.out).toContain('a.example  full');
    expect(manager.orders.size).toBe(0);
    manager.knowsDryRuns = false;
    expect(await host.run('order', 'create', '--dry-run', '--no-public-key')).toMatchObject({ status: 1, notes: expect.stringContaining('deleted again') as string });
    expect(manager.orders.size).toBe(0);
  });

  test('list goes through all pages, as table, JSON and OCCI', async () => {
    for (const index of [1, 2, 3]) manager.orders.set(orderId(index), makeOrder(index, { reason: 'red\u001b[31m' }));
    const table = (await host.run('order', 'list')).out;
    expect(table.split('\n')).toHaveLength(5);
    expect(table).not.toContain('\u001b');
    expect(JSON.parse((await host.run('order', 'list', '--output', 'json')).out)).toHaveLength(3);
    expect(JSON.parse((await host.run('--output', 'json', 'order', 'list', '--limit', '1', '--state', 'open,failed')).out)).toHaveLength(1);
    expect(manager.seen.at(-1)?.query).toMatchObject({ limit: '1', state: 'open,failed' });
    expect((await host.run('order', 'list', '--output', 'occi')).out.split('\n')[0]).toBe(`X-OCCI-Location: ${manager.url}/order/${orderId(1)}`);
  });

  test('the first characters of an id are enough, unless they may be two', async () => {
    manager.orders.set(orderId(1), makeOrder(1, { placement: [{ member: 'a.example', verdict: 'full' }], history: [{ at: 't', to: 'open', event: 'submitted' }] }));
    expect((await host.run('order', 'show', '00000001')).out).toContain(`id        ${orderId(1)}`);
    expect((await host.run('explain', '0000')).out).toContain('a.example  full');
    manager.orders.set(orderId(2), makeOrder(2));
    expect((await host.run('order', 'show', '0000')).notes).toContain('"0000" may be any of');
    expect((await host.run('order', 'show', 'ffff')).notes).toContain('No order of yours begins with "ffff"');
    expect((await host.run('order', 'show', 'f')).notes).toContain('too short');
  });

  test('delete: some, all, and those that are refused do not hold up the rest', async () => {
    for (const index of [1, 2, 3]) manager.orders.set(orderId(index), makeOrder(index));
    const ran = await host.run('order', 'delete', orderId(9), orderId(1));
    expect([ran.status, ran.out]).toEqual([1, `Deleted ${orderId(1)}\n`]);
    expect(ran.notes).toContain('Resource not found.');
    expect((await host.run('order', 'delete')).status).toBe(2);
    expect((await host.run('order', 'delete', '--all')).out).toBe('Deleted 2 order(s).\n');
  });

  test('the words of the server reach the user', async () => {
    const ran = await host.run('order', 'create', '--flavor', 'none', '--no-public-key');
    expect(ran).toEqual({ status: 1, out: '', notes: 'fogbow: There is no flavor none. (unsupported-attribute, HTTP 400, request r-1)\n' });
  });

  test('a private key does not leave', async () => {
    writeFileSync(join(host.home, 'key'), '-----BEGIN OPENSSH PRIVATE KEY-----\n');
    const ran = await host.run('order', 'create', '--public-key', join(host.home, 'key'));
    expect([ran.status, ran.notes]).toEqual([1, expect.stringContaining('is a private key, which must stay with you')]);
    expect(manager.seen).toHaveLength(0);
  });
});

describe('watching', () => {
  test('one line for each change, to the end', async () => {
    const states = ['open', 'spawning', 'fulfilled'];
    manager.onShow = (id) => {
      const state = states.shift() ?? 'fulfilled';
      manager.orders.set(id, makeOrder(1, { state, ...(state === 'fulfilled' ? { ssh: { host: 'h', port: 22, username: 'u' } } : {}) }));
      // The news comes over the stream; without it the next look would be seconds away.
      manager.tell({ position: 4 - states.length, orderId: id, to: state, event: 'x', at: 't' });
    };
    const ran = await host.run('order', 'create', '--no-public-key', '--watch');
    expect(ran.status).toBe(0);
    expect(ran.out).toBe(`${orderId(1)}  open     \n${orderId(1)}  spawning \n${orderId(1)}  fulfilled  ssh u@h:22\n`.replaceAll(/ +\n/g, (blanks) => blanks));
  });

  test('an order that fails fails the command; on a terminal the line is rewritten', async () => {
    const terminal = createTestHost({ env: { FOGBOW_URL: manager.url, FOGBOW_TOKEN: 'good' }, isInteractive: true });
    manager.orders.set(orderId(1), makeOrder(1, { state: 'failed', reason: 'no such image' }));
    const ran = await terminal.run('order', 'watch', orderId(1));
    expect([ran.status, ran.out]).toEqual([1, `\r\u001b[2K${orderId(1)}  failed     no such image\n`]);
    expect(ran.notes).toContain(`fogbow order explain ${orderId(1)}`);
    terminal.remove();
  });

  test('ends when the time is over, and at Ctrl-C; the orders go on', async () => {
    manager.orders.set(orderId(1), makeOrder(1));
    const late = await host.run('order', 'watch', orderId(1), '--watch-timeout', '0.02');
    expect([late.status, late.notes]).toEqual([1, expect.stringContaining('They go on.')]);
    manager.onShow = () => void setImmediate(() => host.interrupt());
    expect((await host.run('order', 'watch', orderId(1))).status).toBe(130);
  });
});

describe('events', () => {
  test('from a position on, over breaks, each once; one JSON object a line', async () => {
    manager.events.push(...[1, 2, 3].map((position) => ({ position, orderId: orderId(1), from: 'open', to: 'spawning', event: 'accepted-here', at: 't' })));
    manager.breakAfter = 1;
    const ran = await host.run('events', '--after', '1', '--limit', '2', '--output', 'json');
    expect(ran.out.trim().split('\n').map((line) => (JSON.parse(line) as { position: number }).position)).toEqual([2, 3]);
    expect(ran.notes).toContain('connecting again');
    expect((await host.run('events', '--after', '0', '--limit', '1', '--order', orderId(1))).out).toContain('open → spawning  accepted-here');
  });
});

describe('ssh', () => {
  test('the right key and host key; ends with the status of ssh', async () => {
    const seven = createTestHost({ env: { FOGBOW_URL: manager.url, FOGBOW_TOKEN: 'good' }, programStatus: 7 });
    mkdirSync(join(seven.home, '.ssh'));
    writeFileSync(join(seven.home, '.ssh', 'mine.pub'), KEY);
    writeFileSync(join(seven.home, '.ssh', 'mine'), 'secret');
    manager.orders.set(orderId(1), makeOrder(1, { state: 'fulfilled', instanceId: 'i@a', publicKey: KEY, ssh: { host: 'dmz', port: 2201, username: 'fogbow' }, sshHostKey: 'ssh-ed25519 BBBB' }));
    const ran = await seven.run('ssh', orderId(1), '--', 'ls', '-l');
    expect(ran).toEqual({ status: 7, out: '', notes: '' });
    expect(seven.programs[0]?.slice(0, 7)).toEqual(['ssh', '-p', '2201', '-l', 'fogbow', '-i', join(seven.home, '.ssh', 'mine')]);
    expect(seven.programs[0]?.slice(-4)).toEqual(['--', 'dmz', 'ls', '-l']);
    expect(readFileSync(join(seven.home, '.local', 'state', 'fogbow', 'known-hosts', 'fogbow.i-a'), 'utf8')).toBe('fogbow.i-a ssh-ed25519 BBBB\n');
    expect((await seven.run('ssh', '--print', orderId(1))).out).toContain('StrictHostKeyChecking=yes -- dmz\n');
    seven.remove();
  });

  test('a machine that is not there yet', async () => {
    manager.orders.set(orderId(1), makeOrder(1));
    const ran = await host.run('ssh', orderId(1));
    expect([ran.status, ran.notes]).toEqual([1, `fogbow: ${orderId(1)} is open.\nWait for it with: fogbow ssh --wait ${orderId(1)}\n`]);
  });
});

describe('resources and the federation', () => {
  test('create, list, show, act and delete', async () => {
    expect((await host.run('volumes')).out).toBe('There are no volumes. Make one with: fogbow volumes create\n');
    expect((await host.run('volumes', 'create', '--size', '10')).out).toBe(`${orderId(1)}\n`);
    expect(lastBody()).toEqual({ kind: 'storage', sizeGb: 10 });
    await host.run('computes', 'create', '--no-public-key');
    await host.run('attachments', 'create', '--compute', orderId(2), '--volume', '00000001', '--device', '/dev/vdc');
    expect(lastBody()).toEqual({ kind: 'attachment', attachment: { computeOrderId: orderId(2), volumeOrderId: orderId(1), device: '/dev/vdc' } });
    expect((await host.run('attachments', 'list')).out).toContain('/dev/vdc');
    await host.run('networks', 'create', '--cidr', '10.0.0.0/24', '--allocation', 'static');
    expect(lastBody()).toEqual({ kind: 'network', network: { cidr: '10.0.0.0/24', allocation: 'static' } });
    expect((await host.run('networks', 'show', orderId(4))).out).toContain('10.0.0.0/24, static');
    expect((await host.run('computes', 'suspend', orderId(2))).out).toBe(`Suspended ${orderId(2)}\n`);
    expect(lastBody()).toEqual({ action: 'suspend' });
    expect((await host.run('volumes', 'delete', orderId(1))).out).toBe(`Deleted ${orderId(1)}\n`);
  });

  test('quota of all members: one that does not answer hides no other', async () => {
    manager.answers.set('/v1/members', { members: [{ id: 'a.example' }, { id: 'b.example', lastSeen: '2030-05-06T11:59:20Z', alive: false }] });
    manager.answers.set('/v1/members/a.example/quota', { limit: { instances: 2, vcpu: null, ramMb: 4096 }, used: { instances: 1, vcpu: 1, ramMb: 512 }, usedByCaller: { instances: 1, vcpu: 1, ramMb: 512 } });
    manager.answers.set('/v1/flavors', { flavors: [{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }] });
    expect((await host.run('members')).out).toMatch(/b\.example {2}40s +no\n/);
    const quota = (await host.run('quota')).out;
    expect(quota).toMatch(/a\.example\s+1 of 2\s+1 of ∞\s+512 of 4096\s+1 \(1 vCPU, 512 MB\)/);
    expect(quota).toContain('There is nothing at /v1/members/b.example/quota.');
    expect((await host.run('quota', 'b.example')).status).toBe(1);
    expect((await host.run('flavors')).out).toContain('small');
  });
});

describe('what goes wrong outside', () => {
  test('nobody listens', async () => {
    const ran = await host.run('members', '--url', 'http://127.0.0.1:1');
    expect([ran.status, ran.notes]).toEqual([3, expect.stringContaining('Cannot reach http://127.0.0.1:1: nobody listens there (connection refused).')]);
  });

  test('somebody else listens, or never answers', async () => {
    const server = createServer((request, response) => { if (request.url === '/v1/me') response.end('<html>hello</html>'); }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await host.run('whoami', '--url', url)).notes).toContain('answers, but not as a Fogbow Manager does');
    expect((await host.run('members', '--url', url, '--timeout', '0.05')).status).toBe(3);
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  test.each([['frobnicate'], ['order', 'lsit'], ['order'], ['order', 'list', '--output', 'xml'], ['usage'], ['order', 'list', '--limit', 'x'], ['members', '--url', 'ftp://x'], []])('wrong usage is status 2: %s %s', async (...words) => {
    expect((await host.run(...words.filter((word) => typeof word === 'string'))).status).toBe(2);
  });

  test('help and version are no failures', async () => {
    expect((await host.run('--version')).out).toBe('1.2.3\n');
    expect((await host.run('order', 'create', '--help')).status).toBe(0);
  });
});
