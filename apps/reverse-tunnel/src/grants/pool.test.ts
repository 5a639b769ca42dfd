import fc from 'fast-check';
import { createKeyedTurns } from '@fogbow/plugin-contracts';
import { connectRedis } from '@fogbow/queues';
import type { TunnelGrant } from '@fogbow/queues';
import { newId, silentLogger, systemClock } from '@fogbow/service-runtime';
import { allocatePort } from '../ports/allocate-port.js';
import { createPortTable } from '../ports/port-table.js';
import { addService, removeService } from './change-services.js';
import { followPool } from './follow-pool.js';
import { createGrantStore } from './grant-store.js';
import { loadGrants } from './load-grants.js';
import { makeGrant } from './make-grant.js';
import type { GrantDesk } from './make-grant.js';
import { replaceTunnels } from './replace-tunnels.js';
import { revokeTunnels } from './revoke-tunnels.js';
import type { StoredGrant } from './stored-grant.js';

jest.setTimeout(30_000);
const redis = connectRedis(process.env['TEST_REDIS_URL'] ?? '', 'producer', () => undefined);
beforeAll(async () => { await new Promise((resolve) => { redis.once('ready', resolve); }); });
afterAll(() => redis.disconnect());

/** One host of a pool: its desk, and the ids of grants that others said they had changed. */
interface Host { readonly desk: GrantDesk; readonly heard: Set<string>; readonly cuts: string[]; listen(): Promise<void> }

async function openPool(size: number, ports: number, restMs = 0): Promise<{ readonly hosts: readonly Host[]; readonly prefix: string; stored(): Promise<StoredGrant[]>; close(): Promise<void> }> {
  const prefix = `test-${newId()}`;
  const hosts: Host[] = [];
  for (let index = 0; index < size; index += 1) hosts.push(await openHost(prefix, ports, restMs, (id) => { for (const other of hosts) if (other !== hosts[index]) other.heard.add(id); }));
  return {
    hosts, prefix,
    stored: async () => Object.values(await redis.hgetall(`${prefix}:grants`)).map((text) => JSON.parse(text) as StoredGrant),
    close: async () => void await redis.del(...['grants', 'ports', 'ended'].map((name) => `${prefix}:${name}`)),
  };
}

async function openHost(prefix: string, ports: number, restMs: number, tell: (id: string) => void): Promise<Host> {
  const [table, cuts, heard] = [createPortTable({ from: 1, to: ports }, restMs), [] as string[], new Set<string>()];
  const sessions = { cut: (id: string) => void cuts.push(id), closePort: () => undefined, change: () => undefined, announce: () => undefined };
  const store = createGrantStore({ redis, prefix, restMs, wordOf: (id) => { tell(id); return id; }, onForeignChange: followPool({ table, sessions, now: systemClock.uptime }), log: silentLogger });
  await loadGrants(store, table, { clock: systemClock, log: silentLogger, signal: new AbortController().signal });
  const desk: GrantDesk = {
    store, sessions, turns: createKeyedTurns(), post: () => undefined, clock: systemClock, log: silentLogger,
    ports: { table, allocate: (holder) => allocatePort(table, holder, async () => true, systemClock.uptime), now: systemClock.uptime },
  };
  return { desk, cuts, heard, async listen() { for (const id of heard) { heard.delete(id); await store.refresh(id); } } };
}

const wanted = (id: string, services: TunnelGrant['services'] = [{ name: 'ssh' }]): TunnelGrant => ({ id, owner: 'o', secretHash: 'a'.repeat(64), services });
const limits = { mostAdded: 3, hasWeb: true };
const manager = 'm';
const portOf = ({ desk }: Host, id: string): number | undefined => desk.store.get(id)?.services[0]?.port;

/** What somebody wants at some host; refusals are fine, but a wrong answer is not. */
type Wish = readonly [host: number, what: 'make' | 'end' | 'add' | 'remove' | 'list' | 'listen', grant: number];

async function grantWish(hosts: readonly Host[], [index, what, number]: Wish): Promise<void> {
  const host = hosts[index] as Host;
  const id = `g${number}`;
  if (what === 'make') await makeGrant(host.desk, { manager }, wanted(id));
  if (what === 'end') await revokeTunnels(host.desk, { manager, ids: [id] });
  if (what === 'add') await addService(host.desk, id, { name: 'db', kind: 'tcp' }, limits).catch(() => undefined);
  if (what === 'remove') await removeService(host.desk, id, 'db').catch(() => undefined);
  if (what === 'list') await replaceTunnels(host.desk, { manager, grants: host.desk.store.all().map(({ id: one, services }) => wanted(one, services)), asOf: new Date(0).toISOString() });
  if (what === 'listen') await host.listen();
}

test('whatever hosts are asked at once, a port is one grant’s, it stays while the grant lives, and in the end all hosts know the same', async () => {
  const wish: fc.Arbitrary<Wish> = fc.tuple(fc.nat(2), fc.constantFrom('make', 'make', 'end', 'add', 'remove', 'list', 'listen'), fc.nat(3));
  await fc.assert(fc.asyncProperty(fc.array(fc.array(wish, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), async (rounds) => {
    const pool = await openPool(3, 6);
    try {
      let before = new Map<string, number | undefined>();
      for (const round of rounds) {
        await Promise.all(round.map((one) => grantWish(pool.hosts, one)));
        const stored = await pool.stored();
        const ports = stored.flatMap(({ services }) => services.map(({ port }) => port));
        expect(new Set(ports).size).toBe(ports.length);
        const now = new Map(stored.map(({ id, services }) => [id, services[0]?.port]));
        const ended = new Set(round.flatMap(([, what, number]) => (what === 'end' ? [`g${number}`] : [])));
        for (const [id, port] of before) if (!ended.has(id)) expect([id, now.get(id)]).toEqual([id, port]);
        before = now;
      }
      for (const host of pool.hosts) await host.listen();
      const truth = (await pool.stored()).map((grant) => JSON.stringify(grant)).sort();
      for (const { desk } of pool.hosts) expect(desk.store.all().map((grant) => JSON.stringify(grant)).sort()).toEqual(truth);
      const held = Object.entries(await redis.hgetall(`${pool.prefix}:ports`)).filter(([, holder]) => !holder.includes(' ')).map(([port, holder]) => `${holder} ${port}`);
      expect(held.sort()).toEqual((await pool.stored()).flatMap(({ id, services }) => services.map(({ port }) => `${id} ${port}`)).sort());
    } finally {
      await pool.close();
    }
  }), { numRuns: 40 });
});

describe('two hosts', () => {
  let pool: Awaited<ReturnType<typeof openPool>>;
  let [one, other]: Host[] = [];
  const open = async (ports = 4, restMs = 0): Promise<void> => { pool = await openPool(2, ports, restMs); [one, other] = pool.hosts; };
  afterEach(() => pool.close());
  const [a, b] = [() => one as Host, () => other as Host];

  test('the same grant asked of both at once has one port', async () => {
    await open();
    await Promise.all([a(), b()].map(({ desk }) => makeGrant(desk, { manager }, wanted('g'))));
    expect(portOf(a(), 'g')).toBe(portOf(b(), 'g'));
  });

  test('a port that rests after use at one is not given by the other, and its last holder has it back', async () => {
    await open(1, 60_000);
    await makeGrant(a().desk, { manager }, wanted('g'));
    await revokeTunnels(a().desk, { manager, ids: ['g'] });
    expect(await makeGrant(b().desk, { manager }, wanted('h'))).toEqual({ refused: expect.stringContaining('No public port is free') });
    await makeGrant(a().desk, { manager }, wanted('g', [{ name: 'ssh', port: 1 }]));
    expect(portOf(a(), 'g')).toBe(1);
  });

  test('after a restart of all, what rests rests on; a named port that rests is refused', async () => {
    await open(30, 60_000);
    const ids = Array.from({ length: 29 }, (_, index) => `g${index}`);
    for (const id of ids) await makeGrant(a().desk, { manager }, wanted(id));
    await revokeTunnels(a().desk, { manager, ids });
    const later = await openHost(pool.prefix, 30, 60_000, () => undefined);
    await makeGrant(later.desk, { manager }, wanted('h'));
    expect(portOf(later, 'h')).toBe(30);
    expect(await makeGrant(later.desk, { manager }, wanted('i', [{ name: 'ssh', port: 3 }]))).toEqual({ refused: expect.stringContaining('rests') });
    expect(await makeGrant(later.desk, { manager }, wanted('j'))).toEqual({ refused: expect.stringContaining('No public port is free') });
    await makeGrant(later.desk, { manager }, wanted('g2', [{ name: 'ssh', port: 3 }]));
    expect(portOf(later, 'g2')).toBe(3);
  });

  test('revoked at one, it is cut at the other', async () => {
    await open();
    await makeGrant(a().desk, { manager }, wanted('g'));
    await b().listen();
    await revokeTunnels(a().desk, { manager, ids: ['g'] });
    await b().listen();
    expect([b().cuts, b().desk.store.get('g')]).toEqual([['g'], undefined]);
  });

  test('a list that was drawn up before a grant was revoked at the other does not bring it back; who asks for it by name has it again', async () => {
    await open();
    await makeGrant(a().desk, { manager }, wanted('g'));
    await revokeTunnels(b().desk, { manager, ids: ['g'] }).then(() => b().listen());
    await b().desk.store.refresh('g');
    await revokeTunnels(b().desk, { manager, ids: ['g'] });
    await replaceTunnels(a().desk, { manager, grants: [wanted('g')], asOf: new Date(0).toISOString() });
    expect([a().desk.store.get('g'), await pool.stored()]).toEqual([undefined, []]);
    await makeGrant(a().desk, { manager }, wanted('g'));
    expect(portOf(a(), 'g')).toBeGreaterThan(0);
  });

  test('a service of a machine that was added at one is not lost when the other changes the grant before it has heard of it', async () => {
    await open();
    await makeGrant(a().desk, { manager }, wanted('g'));
    await b().listen();
    const db = await addService(a().desk, 'g', { name: 'db', kind: 'tcp' }, limits);
    await makeGrant(b().desk, { manager }, wanted('g', [{ name: 'ssh' }, { name: 'dns' }]));
    expect(b().desk.store.get('g')?.services).toEqual([{ name: 'ssh', port: 1 }, { name: 'dns', port: 3 }, db]);
  });

  test('what Redis lost is written again by whoever has it, but for what has ended meanwhile', async () => {
    await open();
    for (const id of ['g', 'h']) await makeGrant(a().desk, { manager }, wanted(id));
    await b().listen();
    await revokeTunnels(a().desk, { manager, ids: ['h'] });
    await redis.del(`${pool.prefix}:grants`, `${pool.prefix}:ports`);
    await b().desk.store.heal();
    expect([(await pool.stored()).map(({ id }) => id), b().cuts, await redis.hgetall(`${pool.prefix}:ports`)]).toEqual([['g'], ['h'], { [String(portOf(b(), 'g'))]: 'g' }]);
  });
});
