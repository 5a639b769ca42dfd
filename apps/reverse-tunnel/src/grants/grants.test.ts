import { connectRedis } from '@fogbow/queues';
import type { TunnelGrant } from '@fogbow/queues';
import { newId, silentLogger, systemClock } from '@fogbow/service-runtime';
import { allocatePort } from '../ports/allocate-port.js';
import { createPortTable } from '../ports/port-table.js';
import { createGrantStore } from './grant-store.js';
import { loadGrants } from './load-grants.js';
import { makeGrant } from './make-grant.js';
import type { GrantDesk } from './make-grant.js';
import { replaceTunnels, SETTLE_MS } from './replace-tunnels.js';
import { revokeTunnels } from './revoke-tunnels.js';

const REST = 1000;
const redis = connectRedis(process.env['TEST_REDIS_URL'] ?? '', 'producer', () => undefined);
let prefix: string;
let cuts: string[];
let announced: string[];
let now: number;

beforeAll(async () => { await new Promise((resolve) => { redis.once('ready', resolve); }); });
beforeEach(() => { prefix = `test-${newId()}`; cuts = []; announced = []; now = 1_000_000; });
afterEach(async () => void await redis.del(`${prefix}:grants`));
afterAll(() => redis.disconnect());

async function openDesk(size = 10): Promise<GrantDesk> {
  const store = createGrantStore({ redis, prefix, log: silentLogger });
  const table = createPortTable({ from: 1, to: size }, REST);
  await loadGrants(store, table, { clock: systemClock, log: silentLogger, signal: new AbortController().signal });
  return {
    store, ports: { table, allocate: (holder) => allocatePort(table, holder, async () => true, () => now), now: () => now },
    sessions: { cut: (id) => void cuts.push(id), closePort: () => undefined, change: () => undefined, announce: (ids) => void announced.push(...ids) },
    clock: { ...systemClock, now: () => new Date(now) }, log: silentLogger,
  };
}
const wanted = (id: string, services: TunnelGrant['services'] = [{ name: 'ssh' }], letter = 'a'): TunnelGrant => ({ id, owner: 'o', secretHash: letter.repeat(64), services });
const portsOf = (desk: GrantDesk, id: string): unknown => desk.store.get(id)?.services.map(({ name, port }) => `${name}:${port}`);

test('the same grant again keeps its ports, and so it does after a restart', async () => {
  const desk = await openDesk();
  const first = await makeGrant(desk, 'm', wanted('g', [{ name: 'ssh' }, { name: 'web' }]));
  expect(await makeGrant(desk, 'm', wanted('g', [{ name: 'ssh' }, { name: 'web' }]))).toEqual(first);
  const next = await openDesk();
  expect(await makeGrant(next, 'm', wanted('g', [{ name: 'ssh' }, { name: 'web' }]))).toEqual(first);
  expect(await makeGrant(next, 'm', wanted('h'))).toMatchObject({ grant: { services: [{ name: 'ssh', port: 3 }] } });
  expect(cuts).toEqual([]);
});

test('a service more or less: the others keep their ports, and a session with too much is cut', async () => {
  const desk = await openDesk();
  await makeGrant(desk, 'm', wanted('g', [{ name: 'ssh' }, { name: 'web' }]));
  await makeGrant(desk, 'm', wanted('g', [{ name: 'dns' }, { name: 'ssh' }, { name: 'web' }]));
  expect([portsOf(desk, 'g'), cuts]).toEqual([['dns:3', 'ssh:1', 'web:2'], []]);
  await makeGrant(desk, 'm', wanted('g', [{ name: 'web' }]));
  expect([portsOf(desk, 'g'), cuts]).toEqual([['web:2'], ['g']]);
  expect(desk.ports.table.counts(now)).toEqual({ total: 10, taken: 1, resting: 2 });
});

test('another secret cuts the session that knew the old one', async () => {
  const desk = await openDesk();
  await makeGrant(desk, 'm', wanted('g'));
  await makeGrant(desk, 'm', wanted('g', [{ name: 'ssh' }], 'b'));
  expect([portsOf(desk, 'g'), cuts]).toEqual([['ssh:1'], ['g']]);
});

test('a named port is given exactly, or the grant is refused whole', async () => {
  const desk = await openDesk();
  await makeGrant(desk, 'm', wanted('g', [{ name: 'ssh', port: 7 }]));
  expect(portsOf(desk, 'g')).toEqual(['ssh:7']);
  expect(await makeGrant(desk, 'm', wanted('h', [{ name: 'web' }, { name: 'ssh', port: 7 }]))).toEqual({ refused: 'Port 7 belongs to another grant.' });
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
  expect(await makeGrant(await openDesk(), 'm', grant)).toEqual({ refused: expect.stringContaining(why) });
});

test('a grant that cannot be written down is not made, and its ports are not lost', async () => {
  const desk = await openDesk(1);
  const broken = { ...desk, store: { ...desk.store, put: () => Promise.reject(new Error('away')) } };
  await expect(makeGrant(broken, 'm', wanted('g'))).rejects.toThrow('away');
  expect(desk.ports.table.counts(now)).toEqual({ total: 1, taken: 0, resting: 1 });
  now += REST;
  expect(await makeGrant(desk, 'm', wanted('h'))).toMatchObject({ grant: { services: [{ port: 1 }] } });
});

test('revoking is for the own Manager only, twice does no harm, and the port rests', async () => {
  const desk = await openDesk();
  await makeGrant(desk, 'm', wanted('g'));
  await revokeTunnels(desk, { manager: 'other', ids: ['g'] });
  expect(portsOf(desk, 'g')).toEqual(['ssh:1']);
  for (let time = 0; time < 2; time++) await revokeTunnels(desk, { manager: 'm', ids: ['g', 'unknown'] });
  expect([cuts, desk.store.all(), desk.ports.table.counts(now)]).toEqual([['g'], [], { total: 10, taken: 0, resting: 1 }]);
  expect(await redis.hlen(`${prefix}:grants`)).toBe(0);
});

test('the whole list adds, ends and changes, and leaves other Managers and the youngest alone', async () => {
  const desk = await openDesk();
  await makeGrant(desk, 'm', wanted('gone'));
  await makeGrant(desk, 'm', wanted('kept'));
  await makeGrant(desk, 'other', wanted('theirs'));
  now += SETTLE_MS + 1;
  await makeGrant(desk, 'm', wanted('young'));
  await replaceTunnels(desk, { manager: 'm', asOf: new Date(now).toISOString(), grants: [wanted('kept', [{ name: 'ssh', port: 2 }]), wanted('lost', [{ name: 'ssh', port: 9 }])] });
  expect(desk.store.all().map((grant) => grant.id).sort()).toEqual(['kept', 'lost', 'theirs', 'young']);
  expect([portsOf(desk, 'kept'), portsOf(desk, 'lost')]).toEqual([['ssh:2'], ['ssh:9']]);
  expect([cuts, announced]).toEqual([['gone'], ['kept', 'lost']]);
});

test('what Redis lost while the tunnel ran is written again', async () => {
  const desk = await openDesk();
  await makeGrant(desk, 'm', wanted('g'));
  await redis.del(`${prefix}:grants`);
  await replaceTunnels(desk, { manager: 'm', asOf: new Date(0).toISOString(), grants: [wanted('g')] });
  expect((await openDesk()).store.get('g')?.services).toEqual([{ name: 'ssh', port: 1 }]);
});

test('a record that cannot be read is passed over', async () => {
  await redis.hset(`${prefix}:grants`, { bad: '{', half: '{"id":"half"}' });
  expect((await openDesk()).store.all()).toEqual([]);
});
