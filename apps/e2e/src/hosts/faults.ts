import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { awaitGone, awaitOrder, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import { BOOT_MS } from './hosts-world.js';
import type { HostsWorld } from './hosts-world.js';

/** Why the members said no, wherever an order tells it. */
const said = (order: OrderView): string => JSON.stringify([order.reason, order.placement]);

/** Things that happen to real hosts and machines, each with the state and the reason that follow. */
export function faults(given: HostsWorld): Chapter {
  const { world, atB, submitToB, machineOf, there, folders, disk, publisher } = given;
  let [here, far]: [OrderView | undefined, OrderView | undefined] = [undefined, undefined];
  const onHere = (): OrderView => { assert(here); return here; };
  const onThere = (): OrderView => { assert(far); return far; };
  return {
    name: 'Faults',
    steps: [
      ['an image that the hosts do not have: refused, with the hosts’ words', async () => {
        const id = await submitToB({ image: 'lost' });
        const order = await awaitOrder(world, id, 'it says why', (seen) => /cannot use the image lost/.test(said(seen)));
        await world.home.remove(id);
        await awaitGone(world, [id]);
        return /[^"]*cannot use the image lost[^"]*/.exec(said(order))?.[0];
      }],
      ['a Manager of B killed in the middle of a create: one machine all the same', async () => {
        const id = await submitToB();
        await awaitEvent('the machine is being made', () => folders().length > 0, { everyMs: 2 });
        process.kill(world.federation.process('manager-b').pid, 'SIGKILL');
        here = await awaitOrder(world, id, 'it is served', ({ state, ssh }) => state === 'fulfilled' && ssh !== undefined, BOOT_MS);
        await login(world, here);
        assert.equal(folders().length, 1);
        return `${machineOf(here).host}, ${here.history?.length} moves`;
      }],
      ['the next machine goes to the host with more free memory, by ssh; its image comes by https over a connection that breaks, and on by ssh', async () => {
        far = await atB({ image: 'published' });
        const { host, folder } = machineOf(far);
        assert.equal(host, 'there');
        await login(world, far);
        assert.match(publisher.asked.join(' '), /^ bytes=[1-9]\d*-$/);
        const { size, nlink } = statSync(join(folder, 'base'));
        assert.deepEqual([size, nlink], [statSync(disk).size, 2]);
        return `${far.instanceId}, ${size} bytes, ${publisher.asked.length} requests`;
      }],
      ['while that host does not answer: a machine killed behind our back on the other one is seen, and its order says why', async () => {
        await there.halt();
        const pid = machineOf(onHere()).pid();
        assert(pid);
        process.kill(pid, 'SIGKILL');
        const closed = await awaitOrder(world, onHere().id, 'it is closed', ({ state }) => state === 'closed', 180_000);
        assert.match(String(closed.reason), /ended from outside of Fogbow/);
        return wordOf(world, closed);
      }],
      ['the order of the silent host stays fulfilled, and users get into its machine', async () => {
        assert.equal((await world.home.show(onThere().id))?.state, 'fulfilled');
        await login(world, onThere());
      }],
      ['a new order is served by the host that answers, and its image is not fetched again', async () => {
        here = await atB({ image: 'published' });
        assert.equal(machineOf(here).host, 'here');
        assert.equal(publisher.asked.length, 2);
      }],
      ['what is deleted on the silent host goes when it is back', async () => {
        const { folder, pid } = machineOf(onThere());
        await world.home.remove(onThere().id);
        const asked = await awaitEvent('B was told', async () => (await world.away.raw('GET', '/v1/orders')).status === 200);
        assert(asked && pid() !== undefined, 'the machine has ended though nobody could be asked to end it');
        await there.resume();
        await awaitEvent('the machine is gone', () => !folders().includes(folder) && pid() === undefined, { timeoutMs: 120_000 });
      }],
    ],
  };
}

/** Machines count from when they are made, so nobody waits for them to boot. */
export function fullCloud({ world, submitToB, folders }: HostsWorld): Chapter {
  return {
    name: 'A full cloud',
    steps: [['an order that finds no room waits and says what is short, and goes on when there is room', async () => {
      const first = [await submitToB(), await submitToB(), await submitToB()];
      await awaitEvent('both hosts are full', () => folders().length === 3);
      const id = await submitToB();
      const waiting = await awaitOrder(world, id, 'it says why', (seen) => seen.state === 'open' && /no room/i.test(said(seen)), 180_000);
      for (const one of first) await world.home.remove(one);
      await awaitOrder(world, id, 'it is made', ({ state, reason }) => state === 'fulfilled' || (state === 'pending' && /being prepared/.test(String(reason))), 180_000);
      return `${waiting.state}: ${/[^"]*no room[^"]*/i.exec(said(waiting))?.[0]}`;
    }]],
  };
}

/** The word of B on an order that it does not serve, else the order's own. */
const wordOf = ({ b }: HostsWorld['world'], { state, reason, placement }: OrderView): string =>
  `${state}: ${(state === 'open' ? placement?.find(({ member }) => member === b.id)?.verdict : undefined) ?? reason}`;
