import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { parse } from 'yaml';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { GrantTunnels, JobQueues, JobWorkers, ReplaceTunnels, RevokeTunnels } from '@fogbow/queues';
import { createOrderStore } from '../orders/order-store.js';
import { makeOrder, SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createGrantStore } from './grant-store.js';
import { createMachineAccess, grantIdOf } from './machine-access.js';
import { machineUserData } from './machine-user-data.js';
import { createReconcileGrants } from './reconcile-grants.js';

jest.setTimeout(20_000);
const ENDPOINT = { dialHost: 'tunnel.test', dialPort: 2224, publicHost: 'public.test', hostKey: 'ssh-ed25519 AAAA' };
const SIGNAL = new AbortController().signal;
const closing: (() => Promise<unknown> | void)[] = [];
const ignore = (): undefined => undefined;

/** A stand-in for the Reverse Tunnel behind the real queue: ports count up; it remembers what it was told. */
const asked: GrantTunnels[] = [];
const revoked: string[] = [];
const replaced: ReplaceTunnels[] = [];
let heard: () => void = ignore;
let database: Kysely<unknown>;
let queues: JobQueues;
let tunnel: JobWorkers;
beforeAll(async () => {
  database = await openTestDatabase();
  const [url, prefix] = [String(process.env['TEST_REDIS_URL']), `t-${randomUUID()}`];
  const [connection, eventsConnection, worker] = [connectRedis(url, 'producer', ignore), connectRedis(url, 'worker', ignore), connectRedis(url, 'worker', ignore)];
  queues = createJobQueues({ connection, eventsConnection, prefix, onError: ignore });
  let port = 10_000;
  tunnel = startJobWorkers({
    connection: worker, prefix, onError: ignore, handlers: {
      'grant-tunnels': async (job: GrantTunnels) => {
        asked.push(job);
        return { endpoint: ENDPOINT, grants: job.grants.map((grant) => (grant.owner === 'refused' ? { id: grant.id, refused: 'no ports left' } : { id: grant.id, services: [{ name: 'ssh', port: (port += 1) }] })) };
      },
      'revoke-tunnels': async ({ ids }: RevokeTunnels) => { revoked.push(...ids); heard(); },
      'replace-tunnels': async (job: ReplaceTunnels) => { replaced.push(job); heard(); },
    },
  });
  closing.push(() => connection.disconnect(), () => eventsConnection.disconnect(), () => worker.disconnect(), () => database.destroy(), () => queues.close(), () => tunnel.close());
  if (connection.status !== 'ready') await once(connection, 'ready');
});
afterAll(async () => { for (const close of closing.reverse()) await close(); });
beforeEach(async () => {
  asked.length = revoked.length = replaced.length = 0;
  await sql`truncate tunnel_grants, orders, releases`.execute(database);
});
const hearing = (): Promise<void> => new Promise((resolve) => { heard = resolve; });
const access = (key = Buffer.alloc(32, 1)) => createMachineAccess({ self: SELF, store: createGrantStore(database), tunnelQueues: queues, endpoints: [], key, sshUsername: 'fogbow', timeoutMs: 5000 , checkpoints: { reach: ignore } });

test('a machine gets its own port and secret; the tunnel and the database know the hash only', async () => {
  const order = makeOrder({ id: randomUUID() });
  const made = await access().prepare(order, SIGNAL);
  expect(made).toMatchObject({ grantId: `${order.id}-1`, endpoints: [ENDPOINT], addresses: { sshAddress: { host: 'public.test', port: 10_001 }, sshUsername: 'fogbow' } });
  expect(asked[0]).toEqual({ manager: SELF, grants: [{ id: `${order.id}-1`, secretHash: createHash('sha256').update(String(made?.secret)).digest('hex'), owner: 'alice', services: [{ name: 'ssh' }] }] });
  const { rows } = await sql<{ row: string }>`select tunnel_grants::text as row from tunnel_grants`.execute(database);
  expect(rows[0]?.row).not.toContain(String(made?.secret));
});

test('the next try of the same incarnation finds the same port and secret without asking', async () => {
  const order = makeOrder({ id: randomUUID() });
  const first = await access().prepare(order, SIGNAL);
  expect(await access().prepare({ ...order, attempts: 2 }, SIGNAL)).toEqual(first);
  expect(asked).toHaveLength(1);
  const other = await access().prepare({ ...order, incarnation: 2 }, SIGNAL);
  expect(other?.secret).not.toBe(first?.secret);
  expect((await access(randomBytes(32)).prepare({ ...order, attempts: 2 }, SIGNAL))?.secret).not.toBe(first?.secret);
});

test('what is asked together travels together, and one refusal spoils no other', async () => {
  const orders = Array.from({ length: 20 }, (_, index) => makeOrder({ id: randomUUID(), owner: { id: index === 7 ? 'refused' : 'alice', name: '' } }));
  const one = access();
  const results = await Promise.allSettled(orders.map((order) => one.prepare(order, SIGNAL)));
  expect(asked.length).toBeLessThan(5);
  expect(results.flatMap((result, index) => (result.status === 'rejected' ? [[index, (result.reason as Error).message]] : []))).toEqual([[7, 'the tunnel gave no port: no ports left']]);
});

test('the ways to a machine are SSH and its services: at ports of the tunnel, or by name', async () => {
  const order = makeOrder({ id: randomUUID() });
  const store = createGrantStore(database);
  const web = { url: 'https://public.test', domain: 'w.test' };
  const services = [{ name: 'ssh', port: 1 }, { name: 'db', port: 2, byMachine: true }, { name: 'web', port: 3, kind: 'http', byMachine: true }] as const;
  await store.add([{ id: `${order.id}-1`, orderId: order.id, secretHash: '', owner: 'a', services, endpoint: { ...ENDPOINT, web } }]);
  const host = `web--${order.id}.w.test`;
  expect(await access().ways([order, makeOrder({ id: randomUUID() })])).toEqual(new Map([[order.id, { sshAddress: { host: 'public.test', port: 1 }, extraAddresses: { db: { host: 'public.test', port: 2 }, web: { host, port: 443, url: `https://${host}/` } } }]]));
  expect(await access().ways([{ id: order.id, incarnation: 2 }])).toEqual(new Map());
});

test('a withdrawn grant is gone at the tunnel and here; withdrawing again asks nothing', async () => {
  const target = { orderId: randomUUID(), incarnation: 1 };
  await access().prepare(makeOrder({ id: target.orderId }), SIGNAL);
  const told = hearing();
  await access().withdraw(target);
  await told;
  await access().withdraw(target);
  expect([revoked, await createGrantStore(database).has(grantIdOf(target))]).toEqual([[grantIdOf(target)], false]);
});

test('a tunnel that cannot be told does not keep a machine from being removed', async () => {
  const target = { orderId: randomUUID(), incarnation: 1 };
  await access().prepare(makeOrder({ id: target.orderId }), SIGNAL);
  const away = { ...queues, add: () => Promise.reject(new Error('away')) } as JobQueues;
  await createMachineAccess({ self: SELF, store: createGrantStore(database), tunnelQueues: away, endpoints: [], key: Buffer.alloc(32), sshUsername: 'x', timeoutMs: 100, checkpoints: { reach: ignore } }).withdraw(target);
  expect(await createGrantStore(database).has(grantIdOf(target))).toBe(false);
});

test('the tunnel is told all grants with the time of the look', async () => {
  const order = makeOrder({ id: randomUUID() });
  await access().prepare(order, SIGNAL);
  const told = hearing();
  await createReconcileGrants({ self: SELF, store: createGrantStore(database), tunnelQueues: queues })();
  await told;
  expect(replaced[0]).toMatchObject({ manager: SELF, grants: [{ id: `${order.id}-1`, services: [{ name: 'ssh' }] }] });
  expect(Math.abs(Date.parse(String(replaced[0]?.asOf)) - Date.now())).toBeLessThan(60_000);
});

test('grants that nothing needs any more are dropped, young ones and needed ones are not', async () => {
  const [wanted, releasing] = [newOrder(), randomUUID()];
  await createOrderStore(database).insert([wanted]);
  const store = createGrantStore(database);
  const grant = (orderId: string, incarnation: number) => ({ id: `${orderId}-${incarnation}`, orderId, secretHash: '', owner: 'a', services: [{ name: 'ssh', port: 1 }], endpoint: ENDPOINT });
  await store.add([grant(wanted.id, 1), grant(wanted.id, 2), grant(releasing, 1), grant(randomUUID(), 1)]);
  await sql`insert into releases (order_id, incarnation, member) values (${releasing}, 1, ${SELF})`.execute(database);
  await store.removeUnneeded(60_000);
  expect((await store.all()).grants).toHaveLength(4);
  await sql`update tunnel_grants set created_at = now() - interval '2 minutes'`.execute(database);
  await store.removeUnneeded(60_000);
  expect((await store.all()).grants.map((one) => one.id).sort()).toEqual([`${wanted.id}-1`, `${releasing}-1`].sort());
});

test('a key with any comment reaches the machine as it is, and nothing else with it', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (noise) => {
    const comment = noise.replace(/[\r\n]/g, ' ').replace(/\p{Cs}/gu, '');
    const publicKey = `ssh-ed25519 AAAAC3Nz ${comment}`.trim();
    const [part] = machineUserData({ order: { spec: { publicKey } }, tunnel: undefined, sshUsername: 'fogbow' });
    const config = parse(String(part?.content)) as { users: ['default', { name: string; ssh_authorized_keys: string[] }] };
    expect(part?.contentType).toBe('text/cloud-config');
    expect(Object.keys(config)).toEqual(['users']);
    expect(config.users[1]).toMatchObject({ name: 'fogbow', ssh_authorized_keys: [publicKey] });
  }));
});

test('the parts come in the order of the specification, the user’s own last', () => {
  const own = { content: '#!/bin/sh', contentType: 'text/x-shellscript' };
  const tunnelOf = { grantId: 'g', secret: 's', endpoints: [ENDPOINT], services: [{ name: 'ssh', port: 1 }], addresses: {} };
  const parts = machineUserData({ order: { spec: { publicKey: 'ssh-ed25519 AAAA', userData: [own] } }, tunnel: tunnelOf, sshUsername: 'fogbow' });
  expect(parts.map((part) => part.contentType)).toEqual(['text/x-shellscript', 'text/cloud-config', 'text/x-shellscript']);
  expect(parts.at(-1)).toEqual(own);
});

test('a machine that is made again dials for what the order wants, and not for what its predecessor added', () => {
  const services = [{ name: 'ssh', port: 7001 }, { name: 'web', port: 7002, byMachine: true }] as const;
  const [part] = machineUserData({ order: { spec: {} }, tunnel: { grantId: 'g', secret: 's', endpoints: [ENDPOINT], services, addresses: {} }, sshUsername: 'fogbow' });
  expect([part?.content.includes('7001'), part?.content.includes('7002')]).toEqual([true, false]);
});
