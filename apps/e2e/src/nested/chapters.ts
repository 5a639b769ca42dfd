import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { NewOrder, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { processesOfMachine } from '../machines.js';
import type { Chapter } from '../story.js';
import type { NestedWorld } from './nested-world.js';

/** What the chapters have in common. */
interface Hand {
  order(more?: NewOrder): Promise<string[]>;
  fulfilled(id: string): Promise<OrderView>;
  /** Nothing is left in either federation, nor on the host. */
  nothingLeft(): Promise<void>;
  /** What the inner Manager has been asked for and still knows. */
  innerOrders(): Promise<OrderView[]>;
  /** What the command says; without one, which machine it is. */
  login(order: OrderView, command?: string): Promise<string>;
}

const PATIENCE = { timeoutMs: 60_000, everyMs: 150 };

function handOf({ consumer, door, inner, user }: NestedWorld): Hand {
  const hand: Hand = {
    order: (more = {}) => consumer.api.submit({ ...(more.kind === undefined ? { flavor: 'fogbow_small', publicKey: user.publicKey } : {}), ...more }),
    fulfilled: async (id) => await awaitEvent(`order ${id} is fulfilled`, async () => {
      const order = await consumer.api.show(id);
      return order?.state === 'fulfilled' ? order : undefined;
    }, PATIENCE),
    async nothingLeft() {
      await awaitEvent('nothing is left', async () => {
        const left = [...await consumer.api.list(), ...await door.api.list(), ...await inner.api.list(), ...await inner.things()];
        assert.deepEqual(left.map(({ id }) => id), []);
        return true;
      }, PATIENCE);
      assert.equal(await inner.grantsInTunnel(), 0);
    },
    innerOrders: () => inner.api.list(),
    async login({ ssh }, command = 'echo ${PWD##*/machines/}') {
      assert.ok(ssh, 'the order tells no address');
      // The first login may meet a machine whose account is just being made.
      return await awaitEvent('the owner is logged in', async () => {
        const { status, stdout, stderr } = await user.run(ssh, command);
        assert.equal(status, 0, stderr);
        return stdout.trim();
      }, { timeoutMs: 20_000 });
    },
  };
  return hand;
}

export const nestedChapters = (world: NestedWorld): Chapter[] => {
  const hand = handOf(world);
  return [throughBoth(world, hand), everyKind(world, hand), innerRoom(world, hand), innerLosses(world, hand), innerDeath(world, hand)];
};

function throughBoth({ consumer, door, inner }: NestedWorld, hand: Hand): Chapter {
  let order: OrderView;
  return {
    name: 'An order through two federations', isEssential: true, steps: [
      ['the member without a cloud knows both members', async () => void await awaitEvent('two members', async () => (await consumer.api.members()).length === 2)],
      ['what it orders runs in the inner federation', async () => {
        order = await hand.fulfilled((await hand.order({ title: 'for a user outside' }))[0] ?? '');
        assert.equal(order.providingMember, door.id);
        assert.match(order.placement?.find(({ member }) => member === consumer.id)?.verdict ?? '', /^this member has no cloud of its own$/);
        return `${consumer.id} → ${door.id} → ${inner.id}`;
      }],
      ['by one inner order, named by the outer one', async () => {
        const [one, ...more] = await hand.innerOrders();
        assert.deepEqual([more, one?.state], [[], 'fulfilled']);
        assert.equal(order.instanceId, `federated_instance_${one?.id ?? ''}@${door.id}`);
        assert.equal((await inner.machines()).length, 1);
      }],
      ['reached by the inner tunnel, without a grant outside', async () => {
        const { portsFrom, portsTo } = inner.member.tunnel;
        const port = order.ssh?.port ?? 0;
        assert.ok(port >= portsFrom && port <= portsTo, `port ${port} is not of ${portsFrom} to ${portsTo}`);
        assert.deepEqual([await inner.grantsInTunnel(), await door.grantsInTunnel(), await consumer.grantsInTunnel()], [1, 0, 0]);
      }],
      ['its owner logs in', async () => {
        const machine = (await inner.machines())[0]?.clientToken ?? '';
        const seen = await hand.login(order);
        assert.ok(seen.startsWith(machine), `${seen} is not ${machine}`);
      }],
      ['deleted outside, nothing of it is left anywhere', async () => {
        await consumer.api.remove(order.id);
        await hand.nothingLeft();
      }],
    ],
  };
}

function everyKind({ consumer, door }: NestedWorld, hand: Hand): Chapter {
  let ids: { network: string; machine: string; volume: string; attachment: string };
  return {
    name: 'Every kind', steps: [
      ['a network, a machine on it, a volume, and the volume in the machine', async () => {
        const [network = ''] = await hand.order({ kind: 'network', network: { cidr: '127.81.0.0/24' }, title: 'inner net' });
        const [volume = ''] = await hand.order({ kind: 'storage', sizeGb: 1, title: 'inner disk' });
        const [machine = ''] = await hand.order({ networkOrderIds: [network] });
        const [attachment = ''] = await hand.order({ kind: 'attachment', attachment: { computeOrderId: machine, volumeOrderId: volume } });
        ids = { network, machine, volume, attachment };
        const orders = await Promise.all(Object.values(ids).map((id) => hand.fulfilled(id)));
        assert.deepEqual(orders.map(({ providingMember }) => providingMember), orders.map(() => door.id));
      }],
      ['are four orders inside, joined as outside', async () => {
        const inside = await hand.innerOrders();
        assert.deepEqual(inside.map(({ kind, state }) => `${kind} ${state}`).sort(), ['attachment', 'compute', 'network', 'storage'].map((kind) => `${kind} fulfilled`));
      }],
      ['the machine has the volume', async () => {
        assert.match(await hand.login(await hand.fulfilled(ids.machine), 'ls ~/dev'), /^vd[a-z]$/m);
      }],
      ['what others need stays', async () => {
        const { status } = await consumer.api.raw('DELETE', `/v1/volumes/${ids.volume}`);
        assert.equal(status, 409);
      }],
      ['all go together', async () => {
        await consumer.api.removeAll();
        await hand.nothingLeft();
      }],
    ],
  };
}

function innerRoom({ consumer, inner }: NestedWorld, hand: Hand): Chapter {
  let ids: string[];
  const states = async (): Promise<OrderView[]> => (await consumer.api.list()).filter(({ id }) => ids.includes(id));
  return {
    name: 'The inner room is used up', steps: [
      ['of three machines two run, and the third waits outside with a reason', async () => {
        ids = await hand.order({ count: 3 });
        const waiting = await awaitEvent('two run and one waits', async () => {
          const all = await states();
          const open = all.find(({ state }) => state === 'open');
          return all.filter(({ state }) => state === 'fulfilled').length === 2 && open?.reason ? open : undefined;
        }, PATIENCE);
        return waiting.reason;
      }],
      ['inside nothing waits that would take room behind its back', async () => {
        await awaitEvent('two orders inside', async () => (await hand.innerOrders()).filter(({ state }) => state !== 'deleted').length === 2, PATIENCE);
        assert.equal((await inner.machines()).length, 2);
      }],
      ['when one is deleted, the third runs', async () => {
        const done = (await states()).find(({ state }) => state === 'fulfilled');
        await consumer.api.remove(done?.id ?? '');
        await Promise.all(ids.filter((id) => id !== done?.id).map((id) => hand.fulfilled(id)));
      }],
      ['and nothing is left', async () => {
        await consumer.api.removeAll();
        await hand.nothingLeft();
      }],
    ],
  };
}

function innerLosses({ consumer, inner, changeToken }: NestedWorld, hand: Hand): Chapter {
  return {
    name: 'The inner member loses things', steps: [
      ['a machine: its order outside ends with a reason, and inside nothing of it is kept', async () => {
        const order = await hand.fulfilled((await hand.order())[0] ?? '');
        for (const { id } of await inner.machines()) for (const pid of processesOfMachine(id)) process.kill(pid, 'SIGKILL');
        const ended = await awaitEvent('it is closed', async () => {
          const now = await consumer.api.show(order.id);
          return now?.state === 'closed' ? now : undefined;
        }, PATIENCE);
        await consumer.api.remove(order.id);
        await hand.nothingLeft();
        return ended.reason;
      }],
      ['the token that it knew: the next one is read from its file', async () => {
        const before = await hand.fulfilled((await hand.order())[0] ?? '');
        changeToken('another-token-of-this-run');
        const after = await hand.fulfilled((await hand.order())[0] ?? '');
        assert.equal((await inner.machines()).length, 2);
        await Promise.all([before, after].map(({ id }) => consumer.api.remove(id)));
        await awaitEvent('no machine is left', async () => (await inner.machines()).length === 0, PATIENCE);
        changeToken();
      }],
      ['and nothing is left', async () => {
        await hand.nothingLeft();
      }],
    ],
  };
}

function innerDeath({ consumer, inner, control }: NestedWorld, hand: Hand): Chapter {
  let id = '';
  let first: OrderView;
  return {
    name: 'The inner Manager dies', steps: [
      ['between taking the order and saying so: its answer is lost', async () => {
        await control.restart(inner.manager, { FOGBOW_CRASH_AT: 'after-store-order' });
        [id = ''] = await hand.order();
        await control.ending(inner.manager, 30_000);
      }],
      ['back again, it has one order and one machine', async () => {
        await control.start(inner.manager);
        first = await hand.fulfilled(id);
        assert.equal((await hand.innerOrders()).length, 1);
        assert.equal((await inner.machines()).length, 1);
        await hand.login(first);
      }],
      ['in the middle of its call to its own cloud', async () => {
        await control.restart(inner.manager, { FOGBOW_CRASH_AT: 'after-cloud-call' });
        const [second = ''] = await hand.order();
        await control.ending(inner.manager, 30_000);
        await control.start(inner.manager);
        await hand.fulfilled(second);
        assert.equal((await inner.machines()).length, 2);
        await consumer.api.remove(second);
        await awaitEvent('one is left', async () => (await inner.machines()).length === 1, PATIENCE);
      }],
      ['while a machine runs: it goes on, and so does its order outside', async () => {
        await control.kill(inner.manager);
        await hand.login(first);
        await pause(2000);
        assert.equal((await consumer.api.show(id))?.state, 'fulfilled');
      }],
      ['an order and a deletion meanwhile are kept', async () => {
        const [waiting = ''] = await hand.order();
        await consumer.api.remove(id);
        await pause(2000);
        assert.equal((await consumer.api.show(id))?.state, 'deleted');
        await control.start(inner.manager);
        await hand.fulfilled(waiting);
        await awaitEvent('the deleted one is gone', async () => await consumer.api.show(id) === undefined, PATIENCE);
        assert.equal((await inner.machines()).length, 1);
      }],
      ['and nothing is left', async () => {
        await consumer.api.removeAll();
        await hand.nothingLeft();
      }],
    ],
  };
}

/** Whatever a chapter that failed has left. */
export async function cleanSlate(world: NestedWorld): Promise<void> {
  world.changeToken();
  await world.control.reviveAll();
  for (const site of [world.consumer, world.inner]) await site.api.removeAll();
  await handOf(world).nothingLeft();
}
