import assert from 'node:assert/strict';
import { awaitEvent } from '../await-event.js';
import { isRunning } from '../machines.js';
import { awaitGone, awaitState, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { ProsodyWorld } from './prosody-world.js';

export function startWithProsody({ world, control }: ProsodyWorld): Chapter {
  return {
    name: 'npm start -- --xmpp prosody', isEssential: true,
    steps: [
      ['brings up two members, each with a Prosody of its own', async () => {
        await world.federation.start();
        const { processes } = world.federation.file();
        const names = processes.map(({ name }) => name);
        assert(['prosody-a', 'prosody-b'].every((name) => names.includes(name)) && !names.includes('xmpp-router'), names.join(', '));
        assert.deepEqual(processes.filter(({ pid }) => !isRunning(pid)), []);
        await Promise.all(['manager-a', 'manager-b'].map((name) => control().restart(name)));
      }],
      ['the members know each other, through server-to-server', () => awaitEvent('both list both', async () =>
        (await Promise.all([world.home.members(), world.away.members()])).every((members) => members.length === 2), { timeoutMs: 20_000 }).then(() => undefined)],
    ],
  };
}

export function overflow({ world, machines }: ProsodyWorld): Chapter {
  const state: { ids: readonly string[] } = { ids: [] };
  return {
    name: 'Three machines, of which B gives one',
    steps: [
      ['the order at A overflows to B', async () => {
        state.ids = await world.home.submit({ count: 3, flavor: 'fogbow_small', publicKey: world.alice.publicKey });
        const orders = await awaitState(world, state.ids, 'fulfilled');
        assert.deepEqual(orders.map((order) => order.providingMember).sort(), [world.a.id, world.a.id, world.b.id]);
        assert.deepEqual(machines(), { a: 2, b: 1 });
      }],
      ['ssh into each', async () => {
        for (const id of state.ids) {
          const order = await world.home.show(id);
          assert(order);
          await login(world, order);
        }
      }],
      ['deleting removes all three machines', async () => {
        for (const id of state.ids) await world.home.remove(id);
        await awaitGone(world, state.ids);
        await awaitEvent('no machines', () => machines().a + machines().b === 0);
      }],
    ],
  };
}
