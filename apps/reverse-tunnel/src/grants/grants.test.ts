import { createKeyedTurns } from '@fogbow/plugin-contracts';
import { connectRedis } from '@fogbow/queues';
import type { TunnelEvent, TunnelGrant } from '@fogbow/queues';
import { newId, silentLogger, systemClock } from '@fogbow/service-runtime';
import { allocatePort } from '../ports/allocate-port.js';
import { createPortTable } from '../ports/port-table.js';
import { followPool } from './follow-pool.js';
import { createGrantStore } from './grant-store.js';
import { loadGrants } from './load-grants.js';
import { addService, removeService } from './change-services.js';
import { makeGrant } from './make-grant.js';
import type { GrantDesk } from './make-grant.js';
import { replaceTunnels, SETTLE_MS } from './replace-tunnels.js';
import { revokeTunnels } from './revoke-tunnels.js';

const REST = 1000;
const redis = connectRedis(process.env['TEST_REDIS_URL'] ?? '', 'producer', () => undefined);
let prefix: string;
let cuts: string[];
let announced: string[];
let posted: TunnelEvent[];
let changed: string[];
let now: number;

beforeAll(async () => { await new Promise((resolve) => { redis.once('ready', resolve); }); });
beforeEach(() => { prefix = `test-${newId()}`; cuts = []; announced = []; posted = []; changed = []; now = 1_000_000; });
afterEach(async () => void await redis.del(...['grants', 'ports', 'ended'].map((name) => `${prefix}:${name}`)));
afterAll(() => redis.disconnect());

async function openDesk(size = 10): Promise<GrantDesk> {
  const table = createPortTable({ from: 1, to: size }, REST);
  const sessions: GrantDesk['sessions'] = {
    cut: (id) => void cuts.push(id), closePort: (id, port) => void cuts.push(`${id}:${port}`), change: ({ id }) => void changed.push(id), announce: (ids) => void announced.push(...ids),
  };
  const store = createGrantStore({ redis, prefix, restMs: REST, wordOf: (id) => id, onForeignChange: followPool({ table, sessions, now: () => now }), log: silentLogger });
  await loadGrants(store, table, { clock: systemClock, log: silentLogger, signal: new AbortController().signal });
  return {
    store, ports: { table, allocate: (holder) => allocatePort(table, holder, async () => true, () => now), now: () => now },
    sessions, turns: createKeyedTurns(), post: (event) => void posted.push(event),
    clock: { ...systemClock, now: () => new Date(now) }, log: silentLogger,
  };
}
const wanted = (id: string, services: TunnelGrant['services'] = [{ name: 'ssh' }], letter = 'a'): TunnelGrant => ({ id, owner: 'o', secretHash: letter.repeat(64), services });
const portsOf = (desk: GrantDesk, id: string): unknown => desk.store.get(id)?.services.map(({ name, port }) => `${name}:${port}`);

test('the same grant again keeps its ports, and so it does after a restart', async () => {
  const desk = await openDesk();
  const first = await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'ssh' }, { name: 'web' }]));
  expect(await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'ssh' }, { name: 'web' }]))).toEqual(first);
  const next = await openDesk();
  expect(await makeGrant(next, { manager: 'm' }, wanted('g', [{ name: 'ssh' }, { name: 'web' }]))).toEqual(first);
  expect(await makeGrant(next, { manager: 'm' }, wanted('h'))).toMatchObject({ grant: { services: [{ name: 'ssh', port: 3 }] } });
  expect(cuts).toEqual([]);
});

test('a service more or less: the others keep their ports, and a session with too much is cut', async () => {
  const desk = await openDesk();
  await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'ssh' }, { name: 'web' }]));
  await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'dns' }, { name: 'ssh' }, { name: 'web' }]));
  expect([portsOf(desk, 'g'), cuts]).toEqual([['dns:3', 'ssh:1', 'web:2'], []]);
  await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'web' }]));
  expect([portsOf(desk, 'g'), cuts]).toEqual([['web:2'], ['g']]);
  expect(desk.ports.table.counts(now)).toEqual({ total: 10, taken: 1, resting: 2 });
});

test('another secret cuts the session that knew the old one', async () => {
  const desk = await openDesk();
  await makeGrant(desk, { manager: 'm' }, wanted('g'));
  await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'ssh' }], 'b'));
  expect([portsOf(desk, 'g'), cuts]).toEqual([['ssh:1'], ['g']]);
});

test('a named port is given exactly, or the grant is refused whole', async () => {
  const desk = await openDesk();
  await makeGrant(desk, { manager: 'm' }, wanted('g', [{ name: 'ssh', port: 7 }]));
  expect(portsOf(desk, 'g')).toEqual(['ssh:7']);
  expect(await makeGrant(desk, { manager: 'm' }, wanted('h', [{ name: 'web' }, { name: 'ssh', port: 7 }]))).toEqual({ refused: 'Port 7 belongs to another grant.' });
  expect(desk.store.get('h')).toBeUndefined();
  expect(desk.ports.table.counts(now).taken).toBe(1);
});

test.each([
  ['an id that ssh could take for an option', wanted('-oProxyCommand=x'), 'The id of a grant'],
  ['a hash that is none', wanted('g', [{ name: 'ssh' }], 'Z'), 'secretHash must be'],
  ['no service', wanted('g', []), 'A grant has 1 to 16 services'],
  ['a service twice', wanted('g', [{ name: 'ssh' }, { name: 'ssh' }]), 'Each service'],
  ['a strange name', wanted('g', [{ name: 's h' }]), 'The name of a service'],
])('%s is refused', async (_what, grant, why) => {
  expect(await makeGrant(await openDesk(), { manager: 'm' }, grant)).toEqual({ refused: expect.stringContaining(why) });
});

test('a grant that cannot be written down is not made, and its ports are not lost', async () => {
  const desk = await openDesk(1);
  const broken = { ...desk, store: { ...desk.store, put: () => Promise.reject(new Error('away')) } };
  await expect(makeGrant(broken, { manager: 'm' }, wanted('g'))).rejects.toThrow('away');
  expect(desk.ports.table.counts(now)).toEqual({ total: 1, taken: 0, resting: 1 });
  now += REST;
  expect(await makeGrant(desk, { manager: 'm' }, wanted('h'))).toMatchObject({ grant: { services: [{ port: 1 }] } });
});

test('revoking is for the own Manager only, twice does no harm, and the port rests', async () => {
  const desk = await openDesk();
  await makeGrant(desk, { manager: 'm' }, wanted('g'));
  await revokeTunnels(desk, { manager: 'other', ids: ['g'] });
  expect(portsOf(desk, 'g')).toEqual(['ssh:1']);
  for (let time = 0; time < 2; time++) await revokeTunnels(desk, { manager: 'm', ids: ['g', 'unknown'] });
  expect([cuts, desk.store.all(), desk.ports.table.counts(now)]).toEqual([['g'], [], { total: 10, taken: 0, resting: 1 }]);
  expect(await redis.hlen(`${prefix}:grants`)).toBe(0);
});

test('the whole list adds, ends and changes, and leaves other Managers and the youngest alone', async () => {
  const desk = await openDesk();
  await makeGrant(desk, { manager: 'm' }, wanted('gone'));
  await makeGrant(desk, { manager: 'm' }, wanted('kept'));
  await makeGrant(desk, { manager: 'other' }, wanted('theirs'));
  now += SETTLE_MS + 1;
  await makeGrant(desk, { manager: 'm' }, wanted('young'));
  await replaceTunnels(desk, { manager: 'm', asOf: new Date(now).toISOString(), grants: [wanted('kept', [{ name: 'ssh', port: 2 }]), wanted('lost', [{ name: 'ssh', port: 9 }])] });
  expect(desk.store.all().map((grant) => grant.id).sort()).toEqual(['kept', 'lost', 'theirs', 'young']);
  expect([portsOf(desk, 'kept'), portsOf(desk, 'lost')]).toEqual([['ssh:2'], ['ssh:9']]);
  expect([cuts, announced]).toEqual([['gone'], ['kept', 'lost']]);
});

test('what Redis lost while the tunnel ran is written again', async () => {
  const desk = await openDesk();
  await makeGrant(desk, { manager: 'm' }, wanted('g'));
  await redis.del(`${prefix}:grants`);
  await replaceTunnels(desk, { manager: 'm', asOf: new Date(0).toISOString(), grants: [wanted('g')] });
  expect((await openDesk()).store.get('g')?.services).toEqual([{ name: 'ssh', port: 1 }]);
});

test('a record that cannot be read is passed over', async () => {
  await redis.hset(`${prefix}:grants`, { bad: '{', half: '{"id":"half"}' });
  expect((await openDesk()).store.all()).toEqual([]);
});

describe('services that a machine adds by itself', () => {
  const limits = { mostAdded: 2, hasWeb: true };

  test('have their ports at once, the same when asked again, and the Manager hears of them', async () => {
    const desk = await openDesk();
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    const db = await addService(desk, 'g', { name: 'db', kind: 'tcp' }, limits);
    const web = await addService(desk, 'g', { name: 'web', kind: 'http' }, limits);
    expect([db, web]).toEqual([{ name: 'db', port: 2, byMachine: true }, { name: 'web', port: 3, kind: 'http', byMachine: true }]);
    expect(await addService(desk, 'g', { name: 'db', kind: 'tcp' }, limits)).toEqual(db);
    expect(posted).toMatchObject([{ services: [{ name: 'ssh' }, db] }, { type: 'services-changed', grantId: 'g', services: [{ name: 'ssh', port: 1 }, db, web] }]);
    expect([cuts, changed]).toEqual([[], ['g', 'g']]);
  });

  test('two at once get two ports, and one name one', async () => {
    const desk = await openDesk();
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    const made = await Promise.all(['a', 'b', 'a'].map((name) => addService(desk, 'g', { name, kind: 'tcp' }, limits)));
    expect(made.map(({ port }) => port)).toEqual([2, 3, 2]);
    expect(portsOf(desk, 'g')).toEqual(['ssh:1', 'a:2', 'b:3']);
  });

  test.each([
    ['more than its limit', { name: 'c', kind: 'tcp' }, 'quota-exceeded'], ['a name of another kind', { name: 'a', kind: 'http' }, 'conflict'],
    ['a strange name', { name: '../x', kind: 'tcp' }, 'unsupported-attribute'], ['a name that no host has', { name: 'A', kind: 'http' }, 'unsupported-attribute'],
  ] as const)('%s is refused', async (_what, wish, code) => {
    const desk = await openDesk();
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    for (const name of ['a', 'b']) await addService(desk, 'g', { name, kind: 'tcp' }, limits);
    await expect(addService(desk, 'g', wish, limits)).rejects.toMatchObject({ code });
    expect(portsOf(desk, 'g')).toEqual(['ssh:1', 'a:2', 'b:3']);
  });

  test('no port, no Redis, no grant: it says so and nothing is lost', async () => {
    const desk = await openDesk(2);
    await expect(addService(desk, 'g', { name: 'a', kind: 'tcp' }, limits)).rejects.toMatchObject({ code: 'not-found' });
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    const broken = { ...desk, store: { ...desk.store, put: () => Promise.reject(new Error('away')) } };
    await expect(addService(broken, 'g', { name: 'a', kind: 'tcp' }, limits)).rejects.toThrow('away');
    expect([portsOf(desk, 'g'), desk.ports.table.counts(now).taken]).toEqual([['ssh:1'], 1]);
    now += REST;
    await addService(desk, 'g', { name: 'a', kind: 'tcp' }, limits);
    await expect(addService(desk, 'g', { name: 'b', kind: 'tcp' }, limits)).rejects.toMatchObject({ code: 'no-valid-host' });
  });

  test('go again, but not those of the order itself', async () => {
    const desk = await openDesk();
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    await addService(desk, 'g', { name: 'web', kind: 'tcp' }, limits);
    expect(await removeService(desk, 'g', 'web')).toMatchObject({ port: 2 });
    expect([portsOf(desk, 'g'), cuts, desk.ports.table.counts(now).resting]).toEqual([['ssh:1'], ['g:2'], 1]);
    await expect(removeService(desk, 'g', 'web')).rejects.toMatchObject({ code: 'not-found' });
    await expect(removeService(desk, 'g', 'ssh')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('outlive what the Manager asks meanwhile, who is told again, and come back from it on their ports', async () => {
    const desk = await openDesk();
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    const web = await addService(desk, 'g', { name: 'web', kind: 'http' }, limits);
    posted.length = 0;
    await makeGrant(desk, { manager: 'm' }, wanted('g'));
    await replaceTunnels(desk, { manager: 'm', asOf: new Date(0).toISOString(), grants: [wanted('g', [{ name: 'ssh', port: 1 }, { name: 'gone', port: 7, byMachine: true }])] });
    expect([portsOf(desk, 'g'), cuts, posted]).toEqual([['ssh:1', 'web:2'], [], [expect.objectContaining({ type: 'services-changed', services: [{ name: 'ssh', port: 1 }, web] })]]);
    await redis.del(`${prefix}:grants`);
    const next = await openDesk();
    posted.length = 0;
    // In the order in which PostgreSQL keeps the fields.
    await replaceTunnels(next, { manager: 'm', asOf: new Date(0).toISOString(), grants: [wanted('g', [{ name: 'ssh', port: 1 }, { kind: 'http', name: 'web', port: 2, byMachine: true }])] });
    expect([next.store.get('g')?.services, posted]).toEqual([[{ name: 'ssh', port: 1 }, web], []]);
  });
});

test('an order is found by its newest grant', async () => {
  const desk = await openDesk();
  for (const id of ['order-9', 'order-10', 'order-2', 'other-11', 'plain']) await makeGrant(desk, { manager: 'm' }, wanted(id));
  expect([desk.store.ofOrder('order')?.id, desk.store.ofOrder('plain')?.id, desk.store.ofOrder('nobody')]).toEqual(['order-10', 'plain', undefined]);
  await revokeTunnels(desk, { manager: 'm', ids: ['order-10'] });
  expect([desk.store.ofOrder('order')?.id, (await openDesk()).store.ofOrder('order')?.id]).toEqual(['order-9', 'order-9']);
});
