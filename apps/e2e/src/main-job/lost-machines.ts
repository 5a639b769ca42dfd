import assert from 'node:assert/strict';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { machinesIn, processesOfMachine } from '../machines.js';
import type { Chapter, Step } from '../story.js';
import { awaitOrder, awaitState, login, machineFor } from './world.js';
import type { World } from './world.js';

/** The monitor looks every 5 s; the rest is a new machine. */
const REPLACED_WITHIN_MS = 20_000;

export function lostMachines(world: World): Chapter {
  return {
    name: 'Machines that are killed (kill -9)',
    steps: [
      ...comesBack(world, 'at home', () => world.a.id),
      ...comesBack(world, 'abroad', () => world.b.id),
      ['a one-time order whose machine is killed closes with a reason', async () => {
        const [order] = await awaitState(world, await world.home.submit({ publicKey: world.alice.publicKey }), 'fulfilled');
        assert(order);
        killMachine(world, order);
        const [closed] = await awaitState(world, [order.id], 'closed');
        assert(closed?.reason);
        assert.equal(closed.ssh, undefined, 'it still shows an address');
        return closed.reason;
      }],
      ['the clouds hold one machine for each living order and none else', async () => {
        const wanted = (await world.home.list()).filter(({ state }) => state === 'fulfilled').map(({ instanceId }) => instanceId?.split('@')[0]).sort();
        assert.equal(wanted.length, 2);
        await awaitEvent('no machine too many', () => {
          const there = [world.a, world.b].flatMap(({ cloud }) => machinesIn(String(cloud.directory)).map(({ id }) => id)).sort();
          return there.join() === wanted.join();
        });
      }],
    ],
  };
}

function comesBack(world: World, where: string, member: () => string): Step[] {
  let order: OrderView | undefined;
  return [
    [`a persistent order ${where} gets a new machine`, async () => {
      const ids = await world.home.submit({ type: 'persistent', publicKey: world.alice.publicKey, requirements: `Glue2CloudComputeManagerID == "${member()}"` });
      const [before] = await awaitState(world, ids, 'fulfilled');
      assert(before);
      await login(world, before);
      const lost = killMachine(world, before);
      order = await awaitOrder(world, before.id, 'it is fulfilled by another machine', (now) => now.state === 'fulfilled' && now.ssh !== undefined && now.instanceId !== before.instanceId, REPLACED_WITHIN_MS);
      assert.equal(order.providingMember, member());
      const losses = order.history?.filter(({ event }) => event === 'lost-reopened') ?? [];
      assert.equal(losses.length, 1, JSON.stringify(order.history));
      await awaitEvent('nothing of the lost machine runs', () => processesOfMachine(lost).length === 0);
      return String(losses[0]?.reason);
    }],
    [`ssh works again ${where}`, async () => {
      assert(order);
      assert.equal((await login(world, order, 'pwd')).stdout.trim(), machineFor(world, order).home);
    }],
  ];
}

/** Kills the process that is the machine, as a crash of it would; returns the machine's id. */
function killMachine(world: World, order: OrderView): string {
  const { id, pid } = machineFor(world, order);
  process.kill(pid, 'SIGKILL');
  return id;
}
