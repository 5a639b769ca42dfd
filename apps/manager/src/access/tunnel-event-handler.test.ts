import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { createCheckpoints, silentLogger } from '@fogbow/service-runtime';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createOrderStore } from '../orders/order-store.js';
import type { CrashStep } from '../crash-steps.js';
import { createGrantStore } from './grant-store.js';
import { createTunnelEventHandler } from './tunnel-event-handler.js';

let database: Kysely<unknown>;
const id = randomUUID();
const woken: unknown[] = [];
beforeAll(async () => {
  database = await openTestDatabase();
  await createOrderStore(database).insert([newOrder({ id, incarnation: 2 })]);
});
afterAll(() => database.destroy());

test.each([
  ['the incarnation that it names', `${id}-2`, true],
  ['no other incarnation', `${id}-1`, false],
  ['no other order', `${randomUUID()}-2`, false],
  ['nothing when it is not an id of ours', `${id}2`, false],
  ['nothing when it is no number that the database knows', `${id}-99999999999`, false],
])('a grant concerns %s', async (_name, grantId, isConcerned) => {
  await sql`update orders set connected = false`.execute(database);
  woken.length = 0;
  const handle = createTunnelEventHandler({ database, log: silentLogger, checkpoints: createCheckpoints<CrashStep>(undefined), wakeUp: (duty, payload) => void woken.push([duty, payload]) });
  await handle({ type: 'service-up', grantId, service: 'ssh' } as Parameters<typeof handle>[0]);
  expect((await createOrderStore(database).get(id))?.connected).toBe(isConcerned);
  expect(woken).toEqual(isConcerned ? [['monitor-instances', { orderIds: [id] }]] : []);
});

test('the services of a grant are remembered as the tunnel tells them, those with a name and a port, and the order is looked at', async () => {
  const grants = createGrantStore(database);
  const endpoint = { dialHost: 'd', dialPort: 1, publicHost: 'p', hostKey: 'k' };
  const ssh = { name: 'ssh', port: 20_000 };
  await grants.add([{ id: `${id}-2`, orderId: id, secretHash: 'h', owner: 'o', services: [ssh], endpoint }]);
  woken.length = 0;
  const handle = createTunnelEventHandler({ database, log: silentLogger, checkpoints: createCheckpoints<CrashStep>(undefined), wakeUp: (duty, payload) => void woken.push([duty, payload]) });
  const web = { name: 'web', port: 20_001, kind: 'http', byMachine: true } as const;
  const strange = [{ name: 'a\nb', port: 1 }, { name: 'c', port: 70_000 }, { name: 'd', port: '1; drop' }, { name: 'e', port: 2, kind: 'ftp' }] as unknown as typeof web[];
  await handle({ type: 'services-changed', grantId: `${id}-2`, services: [ssh, web, ...strange], at: '2026-01-01T00:00:00Z' });
  await handle({ type: 'services-changed', grantId: `${randomUUID()}-1`, services: [web], at: '2026-01-01T00:00:00Z' });
  expect((await grants.all()).grants.map(({ services }) => services)).toEqual([[ssh, web]]);
  expect(woken[0]).toEqual(['monitor-instances', { orderIds: [id] }]);
});

describe('a machine that moves between hosts of the tunnel', () => {
  const host = (name: string, port = 2222) => ({ dialHost: name, dialPort: port, publicHost: `${name}.example`, hostKey: `ssh-ed25519 ${name}` });
  const place = (name: string, more: object = {}) => ({ dialHost: name, dialPort: 2222, publicHost: `${name}.example`, ...more });
  const second = (value: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, value)).toISOString();
  const grantId = `${id}-2`;
  type Given = Parameters<ReturnType<typeof createTunnelEventHandler>>[0];
  const say = async (type: 'service-up' | 'service-down', name: string, since: number | undefined, at: number, where: object = place(name)): Promise<{ at: string | undefined; connected: boolean | undefined }> => {
    const handle = createTunnelEventHandler({ database, log: silentLogger, checkpoints: createCheckpoints<CrashStep>(undefined), wakeUp: () => undefined });
    await handle({ type, grantId, service: 'ssh', port: 20_000, at: second(at), ...(since === undefined ? {} : { since: second(since), where }) } as Given);
    return { at: (await createGrantStore(database).get(grantId))?.endpoint.publicHost, connected: (await createOrderStore(database).get(id))?.connected };
  };
  beforeEach(async () => {
    await sql`delete from tunnel_grants`.execute(database);
    await createGrantStore(database).add([{ id: grantId, orderId: id, secretHash: 'h', owner: 'o', services: [{ name: 'ssh', port: 20_000 }], endpoint: host('a'), endpoints: [host('a'), host('b')] }]);
  });

  test('is where its newest session is, and its key and web port are those of that host', async () => {
    expect(await say('service-up', 'a', 1, 2)).toEqual({ at: 'a.example', connected: true });
    expect(await say('service-up', 'b', 5, 6, place('b', { publicHost: 'new.example', web: { url: 'https://b.example', domain: 'b.example' } }))).toEqual({ at: 'new.example', connected: true });
    expect((await createGrantStore(database).get(grantId))?.endpoint).toEqual({ ...host('b'), publicHost: 'new.example', web: { url: 'https://b.example', domain: 'b.example' } });
  });

  test.each([
    ['finds out late that it has left', ['service-down', 'a', 1, 60] as const],
    ['tells again what was so', ['service-up', 'a', 1, 60] as const],
    ['said something that was long on its way', ['service-up', 'a', 1, 2] as const],
  ])('stays where it is when the old host %s', async (_what, [type, name, since, at]) => {
    await say('service-up', 'a', 1, 2);
    await say('service-up', 'b', 5, 6);
    expect(await say(type, name, since, at)).toEqual({ at: 'b.example', connected: true });
  });

  test('words of one session count in the order in which they were said', async () => {
    await say('service-down', 'b', 5, 9);
    expect(await say('service-up', 'b', 5, 8)).toEqual({ at: 'a.example', connected: false });
    expect(await say('service-up', 'b', 5, 10)).toEqual({ at: 'b.example', connected: true });
  });

  test('two words at once end as the newer one says', async () => {
    for (let round = 0; round < 5; round += 1) {
      await Promise.all([say('service-down', 'a', 10 * round, 10 * round + 9), say('service-up', 'b', 10 * round + 5, 10 * round + 6)]);
      expect(await say('service-down', 'a', 0, 0)).toEqual({ at: 'b.example', connected: true });
    }
  });

  test('a tunnel of an older version is heard as before', async () => {
    expect(await say('service-down', 'a', undefined, 1)).toEqual({ at: 'a.example', connected: false });
    expect(await say('service-up', 'a', undefined, 0)).toEqual({ at: 'a.example', connected: true });
  });

  test.each([
    ['a host that is none', { publicHost: 'x\r\nSet-Cookie: a' }], ['an option', { publicHost: '-oProxyCommand=x' }], ['a port that is none', { dialPort: 70_000 }], ['a link that is none', { web: { url: 'javascript:alert(1)' } }],
  ])('%s is not believed', async (_what, strange) =>
    expect(await say('service-up', 'b', 5, 6, place('b', strange))).toEqual({ at: 'a.example', connected: true }));
});
