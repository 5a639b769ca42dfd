import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { isPortOpen, isRunning, machinesIn, processesOfMachine, processesWith } from '../machines.js';
import type { Chapter, Step } from '../story.js';
import { addressOf, awaitState, login, machineFor } from './world.js';
import type { World } from './world.js';

const places = (orders: readonly (OrderView | undefined)[]): unknown[] =>
  orders.map((order) => [order?.id, order?.instanceId, order?.ssh?.host, order?.ssh?.port]).sort();

export function restarts(world: World): Chapter {
  let orders: OrderView[] = [];
  let pids: number[] = [];
  return {
    name: 'Tunnels that die, npm stop and npm start',
    steps: [
      ['three machines', async () => {
        orders = await awaitState(world, await world.home.submit({ count: 3, type: 'persistent', publicKey: world.alice.publicKey }), 'fulfilled');
        for (const order of orders) await login(world, order, 'echo remembered > note');
      }],
      ...killedTunnel(world, 'a', () => orders),
      ...killedTunnel(world, 'b', () => orders),
      ['a user leaves something running in each', async () => {
        for (const [index, order] of orders.entries()) await login(world, order, `nohup sleep ${LEFT_RUNNING + index} > /dev/null 2>&1 & setsid -f sleep ${LEFT_RUNNING + index} < /dev/null > /dev/null 2>&1; true`);
        await awaitEvent('they run', () => orders.every((order) => leftRunning(world, order).length === 2));
      }],
      ['npm stop ends every process and every machine with all it started', async () => {
        const file = world.federation.file();
        const machines = orders.map((order) => machineFor(world, order).id);
        pids = [file.launcherPid, ...file.processes.map(({ pid }) => pid), ...machines.flatMap(processesOfMachine)];
        await world.federation.stop();
        assert.deepEqual(pids.filter(isRunning), [], 'these processes still run');
        for (const id of machines) assert.deepEqual(processesOfMachine(id), []);
        assert.deepEqual(processesWith(`${world.federation.data}/`), []);
        for (const order of orders) assert.equal(await isPortOpen(addressOf(order)), false);
        assert.equal(world.federation.file().running, false);
        return `${pids.length} processes`;
      }],
      ['npm start again is healthy in less than 10 s', async () => {
        const begun = performance.now();
        await world.federation.start();
        const seconds = (performance.now() - begun) / 1000;
        assert(seconds < 10, `it took ${seconds.toFixed(1)} s`);
      }],
      ['it finds the same orders, machines and public ports', async () => {
        assert.deepEqual(places(await awaitState(world, orders.map(({ id }) => id), 'fulfilled')), places(orders));
        assert.equal((await world.home.list()).length, orders.length);
      }],
      ['ssh works again, and the files are there', () => checkLogins(world, orders)],
    ],
  };
}

const LEFT_RUNNING = 86_397;

function leftRunning(world: World, order: OrderView): number[] {
  return processesOfMachine(machineFor(world, order).id).filter((pid) => processesWith(`sleep\0${String(LEFT_RUNNING).slice(0, 4)}`).includes(pid));
}

function killedTunnel(world: World, name: string, orders: () => readonly OrderView[]): Step[] {
  return [[`the tunnel of ${name.toUpperCase()} is killed: it comes back, the public ports are the same, ssh works`, async () => {
    const { pid } = world.federation.process(`tunnel-${name}`);
    process.kill(pid, 'SIGKILL');
    await awaitEvent('the launcher started it again', () => world.federation.process(`tunnel-${name}`).pid !== pid, { timeoutMs: 20_000 });
    await checkLogins(world, orders());
    const now = await Promise.all(orders().map(({ id }) => world.home.show(id)));
    assert.deepEqual(places(now), places(orders()));
    assert(now.every((order) => order?.state === 'fulfilled'), 'an order was taken for lost');
  }]];
}

/** Machines dial again by themselves, so the first tries may come too early. */
async function checkLogins(world: World, orders: readonly OrderView[]): Promise<void> {
  for (const order of orders) {
    const outcome = await awaitEvent(`ssh to port ${order.ssh?.port}`, async () => {
      const tried = await world.alice.run(addressOf(order), 'cat note');
      if (tried.status !== 0) throw new Error(`${tried.status} ${tried.stderr}`);
      return tried;
    }, { timeoutMs: 30_000 });
    assert.equal(outcome.stdout, 'remembered\n');
  }
}

/** The last chapter: nothing is left to be told after it. */
export function wipe(world: World): Chapter {
  return {
    name: 'npm stop -- --fresh',
    steps: [['forgets everything, running machines included', async () => {
      await awaitState(world, await world.home.submit({ count: 3, publicKey: world.alice.publicKey }), 'fulfilled');
      const { processes, launcherPid } = world.federation.file();
      const machines = [world.a, world.b].flatMap(({ cloud }) => machinesIn(String(cloud.directory)).map(({ id }) => id));
      const postgresData = processes.find(({ name }) => name === 'postgres')?.args.find((word) => word.startsWith('/'));
      await world.federation.wipe();
      assert.deepEqual([launcherPid, ...processes.map(({ pid }) => pid), ...machines.flatMap(processesOfMachine)].filter(isRunning), []);
      assert.equal(existsSync(`${world.federation.data}/federation.json`), false);
      assert(postgresData && !existsSync(postgresData), `the database is still in ${postgresData}`);
    }]],
  };
}
