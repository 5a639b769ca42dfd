import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { isPortOpen, processesOfMachine } from '../machines.js';
import { remotePath } from '../ssh.js';
import type { Chapter } from '../story.js';
import { addressOf, awaitGone, awaitState, login, machineFor, providerOf } from './world.js';
import type { World } from './world.js';

/** The heart of the story: three wanted, room for two. */
export function threeMachines(world: World): Chapter {
  let orders: OrderView[] = [];
  const away = (): OrderView => orders.find((order) => order.providingMember === world.b.id) as OrderView;
  const atHome = (): OrderView[] => orders.filter((order) => order.providingMember === world.a.id);
  return {
    name: 'Three machines from A, which has room for two',
    steps: [
      ['all three are fulfilled: two at A, one at B', async () => {
        orders = await awaitState(world, await world.home.submit({ count: 3, flavor: 'fogbow_small', publicKey: world.alice.publicKey, title: 'three' }), 'fulfilled');
        assert.deepEqual(orders.map((order) => order.providingMember).sort(), [world.a.id, world.a.id, world.b.id]);
        assert.equal(new Set(orders.map((order) => order.batchId)).size, 1, 'they are not one batch');
        assert.equal(new Set(orders.map((order) => order.instanceId)).size, 3, 'they share machines');
      }],
      ['their histories tell every move with its reason', () => Promise.resolve(checkHistories(world, orders))],
      ['each address lies in the tunnel of the member that serves it', () => Promise.resolve(checkAddresses(world, orders))],
      ['the user of B sees no order of A', async () => {
        assert.deepEqual(await world.away.list(), []);
        assert.equal(await world.away.show(away().id), undefined);
      }],
      ['ssh runs a command in each, and its exit status comes back', () => checkCommands(world, orders)],
      ['an interactive shell on a terminal', () => checkTerminals(world, orders)],
      ['scp there and back', () => checkCopies(world, orders)],
      ['a wrong key is refused', async () => {
        for (const order of orders) assert.equal((await world.stranger.run(addressOf(order), 'true')).status, 255);
      }],
      ['deleting the remote one ends its processes and its tunnel', () => checkDeletion(world, away())],
      ['deleting a local one does so too', () => checkDeletion(world, atHome()[0] as OrderView)],
      ['the third is untouched', async () => {
        const [left, ...more] = await world.home.list();
        assert.equal(left?.id, atHome()[1]?.id);
        assert.equal(more.length, 0);
        await login(world, atHome()[1] as OrderView);
      }],
    ],
  };
}

function checkHistories(world: World, orders: readonly OrderView[]): string {
  for (const order of orders) {
    const path = (order.history ?? []).map((entry) => entry.to).join(' → ');
    const expected = order.providingMember === world.a.id ? 'open → spawning → fulfilled' : 'open → pending → spawning → fulfilled';
    assert.equal(path, expected, JSON.stringify(order.history));
    for (const entry of order.history ?? []) assert((entry.reason || entry.event === 'submitted') && !Number.isNaN(Date.parse(entry.at)), `a move without reason or time: ${JSON.stringify(entry)}`);
  }
  const away = orders.find((order) => order.providingMember === world.b.id);
  const atHome = away?.placement?.find(({ member }) => member === world.a.id);
  assert(atHome?.verdict, 'the remote order does not say why it is not at home');
  return `home could not serve the third: ${atHome.verdict}`;
}

function checkAddresses(world: World, orders: readonly OrderView[]): string {
  for (const order of orders) {
    const { tunnel } = providerOf(world, order);
    const { host, port } = addressOf(order);
    assert.equal(host, tunnel.host);
    assert(port >= tunnel.portsFrom && port <= tunnel.portsTo, `${port} is not a public port of ${order.providingMember}`);
  }
  assert.equal(new Set(orders.map((order) => order.ssh?.port)).size, orders.length);
  return orders.map((order) => order.ssh?.port).join(', ');
}

async function checkCommands(world: World, orders: readonly OrderView[]): Promise<void> {
  const homes = new Set<string>();
  for (const order of orders) {
    homes.add((await login(world, order, 'pwd')).stdout.trim());
    const outcome = await world.alice.run(addressOf(order), 'echo out; echo err >&2; exit 7');
    assert.deepEqual([outcome.status, outcome.stdout, outcome.stderr], [7, 'out\n', 'err\n']);
  }
  assert.deepEqual([...homes].sort(), orders.map((order) => machineFor(world, order).home).sort(), 'somebody landed in another machine');
}

async function checkTerminals(world: World, orders: readonly OrderView[]): Promise<void> {
  for (const order of orders) {
    const { status, stdout, stderr } = await world.alice.interact(addressOf(order), 'tty\necho $((6 * 7)) lines\nexit 5\n');
    assert.equal(status, 5, `${stdout}${stderr}`);
    assert.match(stdout, /\/dev\/(pts\/|tty)\d/);
    assert.match(stdout, /42 lines/);
  }
}

async function checkCopies(world: World, orders: readonly OrderView[]): Promise<void> {
  const folder = join(world.federation.data, '..');
  const [there, back] = [join(folder, 'there'), join(folder, 'back')];
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
  writeFileSync(there, bytes);
  for (const order of orders) {
    const address = addressOf(order);
    for (const [from, to] of [[there, remotePath(address, 'copy')], [remotePath(address, 'copy'), back]] as const) {
      const { status, stderr } = await world.alice.copy(address, from, to);
      assert.equal(status, 0, stderr);
    }
    assert(readFileSync(back).equals(bytes), 'another file came back');
  }
}

async function checkDeletion(world: World, order: OrderView): Promise<string> {
  const machine = machineFor(world, order);
  const before = processesOfMachine(machine.id).length;
  assert(before > 0, 'the machine has no process');
  await world.home.remove(order.id);
  await awaitGone(world, [order.id]);
  await awaitEvent('its processes have ended', () => processesOfMachine(machine.id).length === 0);
  await awaitEvent('its public port is closed', async () => !(await isPortOpen(addressOf(order))));
  assert.equal(await world.home.show(order.id), undefined);
  return `${before} processes gone`;
}
