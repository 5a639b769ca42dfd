import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connectRedis, createJobQueues } from '@fogbow/queues';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { addressOf, awaitState, machineFor } from '../main-job/world.js';
import type { World } from '../main-job/world.js';
import { cloneRoot } from '../start-federation.js';
import type { Chapter } from '../story.js';
import type { TunnelHost } from './hosts-world.js';

export interface HostsStory {
  readonly world: World;
  readonly hosts: readonly [TunnelHost, TunnelHost];
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** The machines of the story: one of a user of A, another in its place that is made while a host is dead, and one that a user of B has at A. */
interface Fleet {
  /** As the members that ordered them show them now. */
  show(): Promise<OrderView[]>;
  readonly ports: Map<string, number>;
}

const isIn = async ({ alice }: World, order: OrderView): Promise<boolean> => (await alice.run(addressOf(order), 'echo in')).stdout === 'in\n';

/** Every machine is reached with ssh where its order says that it is, which is at this address, on the port that it has always had. */
async function allAt({ world, hosts }: HostsStory, fleet: Fleet, address: string, timeoutMs: number): Promise<void> {
  let [seen, sessions]: [OrderView[], unknown[]] = [[], []];
  await awaitEvent(`all machines are reached at ${address}`, async () => {
    seen = await fleet.show();
    sessions = await Promise.all(hosts.map(async (host) => [host.address, (await host.status().catch(() => undefined))?.sessions.map(({ grantId, services }) => [grantId, services])]));
    return seen.every((order) => addressOf(order).host === address) && (await Promise.all(seen.map((order) => isIn(world, order)))).every(Boolean);
  }, { timeoutMs, everyMs: 100, seen: () => [seen.map(({ state, reason, ssh }) => [state, reason, ssh?.host, ssh?.port]), sessions] });
  for (const order of seen) assert.equal(addressOf(order).port, fleet.ports.get(order.id), 'a port has changed');
}

export function chapters(story: HostsStory): readonly Chapter[] {
  const { world, hosts } = story;
  /** The one at which most machines are dies first. */
  let [one, other] = hosts;
  const ids = { home: [] as string[], away: [] as string[] };
  const fleet: Fleet = {
    ports: new Map(),
    show: async () => (await Promise.all([...ids.home.map((id) => world.home.show(id)), ...ids.away.map((id) => world.away.show(id))])).filter((order): order is OrderView => order !== undefined),
  };
  const order = { publicKey: world.alice.publicKey, requirements: '' };
  return [
    { name: 'Two hosts of one tunnel', isEssential: true, steps: [
      ['they know each other', () => awaitEvent('both are alive', async () => (await one.status()).hosts.filter(({ isAlive }) => isAlive).length === 2, { timeoutMs: 10_000 }).then(() => undefined)],
      [`two machines, one of them ordered at another member, are reached where their orders say`, async () => {
        const atA = { ...order, requirements: `Glue2CloudComputeManagerID == "${world.a.id}"` };
        [ids.home, ids.away] = await Promise.all([world.home.submit(atA), world.away.submit(atA)]);
        await awaitState(world, ids.home, 'fulfilled');
        await awaitState({ ...world, home: world.away, federation: world.federation, alice: world.alice, a: world.a, b: world.b }, ids.away, 'fulfilled');
        const shown = await fleet.show();
        for (const machine of shown) { fleet.ports.set(machine.id, addressOf(machine).port); assert(await isIn(world, machine), `no way into ${machine.id}`); }
        if (shown.filter((machine) => addressOf(machine).host === other.address).length > 1) [one, other] = [other, one];
        return shown.map((machine) => `${addressOf(machine).host}:${addressOf(machine).port}`).join(' ');
      }],
    ] },
    { name: 'A host dies', isEssential: true, steps: [
      ['kill -9: its machines are reached at the other within 15 s, and their orders show it, at the other member too', async () => {
        const begun = performance.now();
        await one.kill();
        await allAt(story, fleet, other.address, 15_000);
        return `all after ${seconds(begun)}`;
      }],
      ['OCCI and `fogbow ssh` show it too', async () => {
        const [id = ''] = ids.home;
        const at = `${other.address}:${fleet.ports.get(id)}`;
        assert(String((await world.home.raw('GET', `/order/${id}`, { headers: { Accept: 'text/plain' } })).data).includes(`ssh-public-address="${at}"`));
        const printed = await promisify(execFile)(process.execPath, [join(cloneRoot(), 'dist', 'apps', 'cli', 'main.js'), 'ssh', '--print', id], {
          env: { ...process.env, HOME: world.federation.data, FOGBOW_URL: world.a.managerUrl, FOGBOW_TOKEN: world.a.users[0]?.token ?? '' },
        });
        assert(printed.stdout.includes(other.address), printed.stdout);
      }],
      ['with one host orders are served as before, and a machine is told both', async () => {
        // The cloud has room for two.
        for (const id of ids.home.splice(0)) await world.home.remove(id);
        const [id = ''] = await world.home.submit({ ...order, requirements: `Glue2CloudComputeManagerID == "${world.a.id}"` });
        const [made] = await awaitState(world, [id], 'fulfilled');
        assert(made && await isIn(world, made));
        assert.equal(addressOf(made).host, other.address);
        ids.home.push(id);
        fleet.ports.set(id, addressOf(made).port);
        assert.deepEqual(endpointsOf(world, made).sort(), [one.address, other.address].sort());
        return addressOf(made).host;
      }],
    ] },
    { name: 'It comes back', isEssential: true, steps: [
      ['and takes nothing: machines stay where they are, and so do their orders', async () => {
        await one.start();
        await awaitEvent('both are alive', async () => (await other.status()).hosts.filter(({ isAlive }) => isAlive).length === 2, { timeoutMs: 10_000 });
        await pause(4000);
        assert.deepEqual([(await one.status()).sessions.length, (await other.status()).sessions.length], [0, 2]);
        await allAt(story, fleet, other.address, 5000);
      }],
      ['the other one dies: all are at the first again, on their ports', async () => {
        const begun = performance.now();
        await other.kill();
        await allAt(story, fleet, one.address, 15_000);
        return `all after ${seconds(begun)}`;
      }],
    ] },
    { name: 'Both die', isEssential: true, steps: [
      ['one comes back after a while: all machines are reached there', async () => {
        await one.kill();
        await pause(5000);
        const begun = performance.now();
        await other.start();
        await allAt(story, fleet, other.address, 60_000);
        return `all after ${seconds(begun)}`;
      }],
    ] },
    { name: 'A grant is revoked', steps: [
      ['its session is cut wherever it is, within a second', async () => {
        await one.start();
        const { sessions: [victim] } = await other.status();
        assert(victim, 'there is no session');
        return await revoke(story, victim.grantId);
      }],
    ] },
  ];
}

/** Where a machine may dial, by the settings that its user data have written. */
function endpointsOf(world: World, order: OrderView): string[] {
  const settings = readFileSync(join(machineFor(world, order).home, '..', 'state', 'tunnel-settings'), 'utf8');
  return [...settings.matchAll(/^ {2}\d+\) host='?([^' ]+)'? port=/gm)].map(([, host = '']) => host);
}

/** As the Manager would, through the queue that both hosts read. */
async function revoke({ world, hosts }: HostsStory, grantId: string): Promise<string> {
  const connection = connectRedis(world.federation.file().redis.url, 'producer', () => undefined);
  const queues = createJobQueues({ connection, prefix: 'tunnel-a', onError: () => undefined });
  try {
    await awaitEvent('Redis', () => connection.status === 'ready', { everyMs: 5 });
    const begun = performance.now();
    await queues.add('revoke-tunnels', { manager: world.a.id, ids: [grantId] });
    await awaitEvent('it is cut', async () => (await Promise.all(hosts.map((host) => host.status()))).every(({ sessions }) => !sessions.some((one) => one.grantId === grantId)), { everyMs: 10, timeoutMs: 5000 });
    const took = performance.now() - begun;
    assert(took < 1000, `it took ${took.toFixed(0)} ms`);
    return `${took.toFixed(0)} ms after the job`;
  } finally {
    await queues.close();
    connection.disconnect();
  }
}
