import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitEvent } from '../await-event.js';
import { awaitOrder, awaitState, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import type { ProsodyWorld } from './prosody-world.js';

const OUTAGE_MS = 3000;

/** How often a word stands in a text. */
const count = (text: string, word: string): number => text.split(word).length - 1;

export function restartedServer(prosody: ProsodyWorld): Chapter {
  const { world } = prosody;
  return {
    name: 'A Prosody that is restarted in the middle of an order',
    steps: [['of B: the Manager connects anew, the order gets one machine', () => orderDuring(prosody, () => prosody.control().restart('prosody-b'), 'manager-b')],
      ['of A: likewise', () => orderDuring(prosody, () => prosody.control().restart('prosody-a'), 'manager-a')],
      ['and the members find each other as before', () => awaitEvent('both list both', async () =>
        (await Promise.all([world.home.members(), world.away.members()])).every((members) => members.length === 2)).then(() => undefined)]],
  };
}

async function orderDuring(prosody: ProsodyWorld, fault: () => Promise<void>, manager: string): Promise<string> {
  const { world, machines } = prosody;
  const log = prosody.mark(manager);
  const before = machines();
  const ids = await world.home.submit({ publicKey: world.alice.publicKey, requirements: prosody.toB() });
  const begun = performance.now();
  await fault();
  await log.says('lost the XMPP server');
  await log.says('connected to the XMPP server');
  const back = performance.now() - begun;
  const [order] = await awaitState(world, ids, 'fulfilled');
  assert(order);
  assert.deepEqual(machines(), { ...before, b: before.b + 1 });
  await login(world, order);
  return `connected again after ${(back / 1000).toFixed(1)} s`;
}

export function deadServer(prosody: ProsodyWorld): Chapter {
  const { world, machines, control } = prosody;
  return {
    name: 'A Prosody that is dead for a while',
    steps: [
      ['an order that comes meanwhile waits with a reason, and is served afterwards by one machine', async () => {
        const log = prosody.mark('manager-b');
        await control().kill('prosody-b');
        const ids = await world.home.submit({ publicKey: world.alice.publicKey, requirements: prosody.toB() });
        const waiting = await awaitOrder(world, String(ids[0]), 'it was refused on the way', ({ history }) => history?.some(({ event }) => event === 'turned-down') === true);
        await pause(OUTAGE_MS);
        assert.equal(machines().b, 0);
        await control().start('prosody-b');
        const [order] = await awaitState(world, ids, 'fulfilled');
        assert(order);
        assert.deepEqual(machines(), { a: 0, b: 1 });
        await login(world, order);
        const complaints = count(log.text(), 'cannot reach the XMPP server');
        assert(complaints >= 1 && complaints <= 2, `${complaints} lines about one outage`);
        return waiting.history?.find(({ event }) => event === 'turned-down')?.reason ?? '';
      }],
      ['an answer that finds no way home is given again', async () => {
        await world.home.removeAll();
        await awaitEvent('no machines', () => machines().b === 0);
        control().freeze('manager-b');
        const ids = await world.home.submit({ publicKey: world.alice.publicKey, requirements: prosody.toB() });
        await awaitOrder(world, String(ids[0]), 'it is on its way', ({ state }) => state === 'pending');
        // The question waits in the socket of the Manager that does not read.
        await pause(500);
        await control().kill('prosody-a');
        control().thaw('manager-b');
        await awaitEvent('B made a machine', () => machines().b === 1);
        await pause(OUTAGE_MS);
        await control().start('prosody-a');
        const [order] = await awaitState(world, ids, 'fulfilled');
        assert(order);
        assert.deepEqual(machines(), { a: 0, b: 1 });
        await login(world, order);
      }],
    ],
  };
}
