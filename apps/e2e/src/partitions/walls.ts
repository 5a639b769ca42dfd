import assert from 'node:assert/strict';
import { awaitEvent } from '../await-event.js';
import type { Chapter } from '../story.js';
import { BOUND_MS, within } from './lab.js';
import type { Lab } from './lab.js';
import { addressOf, LEGS, PORTS } from './layout.js';
import type { Leg } from './layout.js';

/** Each try and what it must meet: the ways that are open, and none besides. */
const [A, B, EXT_A, EXT_B] = [addressOf('int-a', 'dmz'), addressOf('int-b', 'dmz'), addressOf('ext-a', 'inside'), addressOf('ext-b', 'inside')];
const OPEN = [['int-a', EXT_A, PORTS.component], ['int-a', EXT_A, PORTS.redis], ['int-b', EXT_B, PORTS.tunnelSsh], ['ext-a', addressOf('ext-b', 'peer'), PORTS.s2s]] as const;
const CLOSED = [
  ['int-a', B, PORTS.manager], ['int-b', A, PORTS.manager], ['ext-b', A, PORTS.manager], ['user', A, PORTS.manager], ['user', addressOf('ext-b', 'users'), PORTS.redis],
  ['ext-a', addressOf('ext-b', 'peer'), PORTS.redis], ['int-a', addressOf('ext-b', 'peer'), PORTS.s2s],
] as const;

const ACROSS = { 'A – ext A': ['int-a', EXT_A, PORTS.component], 'ext A – ext B': ['ext-a', addressOf('ext-b', 'peer'), PORTS.s2s], 'ext B – B': ['int-b', EXT_B, PORTS.component] } as const;

export function walls(lab: Lab): Chapter {
  const { doors, network } = lab;
  return {
    name: 'Five hosts', isEssential: true,
    steps: [
      ['inside reaches its own outside, and outside the other outside', async () => {
        const met = await Promise.all(OPEN.map(([from, host, port]) => doors[from].probe(host, port)));
        assert.deepEqual(met, OPEN.map(() => 'open'));
      }],
      ['nobody reaches an inside, and the insides not each other', async () => {
        const met = await Promise.all(CLOSED.map(async ([from, host, port]) => `${from} → ${host}:${port} ${await doors[from].probe(host, port)}`));
        assert.deepEqual(met.filter((one) => one.endsWith('open')), []);
        return `${met.length} tries`;
      }],
      ['a try to come inside is counted; nothing else was', async () => {
        const before = await network.inward();
        assert.equal(before, 0);
        await Promise.all([doors['ext-a'].probe(A, PORTS.manager), doors['ext-b'].probe(B, PORTS.manager)]);
        const after = await network.inward();
        assert(after >= 4, `${after} packets were counted of two tries, at both ends of each`);
        tried.set(network, after);
      }],
      ['each leg can be cut, without a word to either end, and healed', async () => {
        assert.deepEqual(await Promise.all(LEGS.map((leg) => tryCut(lab, leg))), LEGS.map(() => ['open', 'no answer', 'open']));
      }],
      ['the members know each other', () => acquainted(lab)],
    ],
  };
}

/** What a try across the leg meets before, during and after the cut. */
async function tryCut({ doors, network }: Lab, leg: Leg): Promise<string[]> {
  const [from, host, port] = ACROSS[leg];
  const met = [await doors[from].probe(host, port)];
  await network.cut(leg);
  met.push(await doors[from].probe(host, port));
  await network.heal(leg);
  return [...met, await doors[from].probe(host, port)];
}

async function acquainted({ world }: Lab): Promise<void> {
  const alive = async ({ api }: Lab['world']['home']): Promise<number> => (await api.members() as { alive?: boolean }[]).filter((member) => member.alive).length;
  await awaitEvent('both are alive for both', async () => (await Promise.all([world.home, world.abroad].map(alive))).every((count) => count === 2), { timeoutMs: BOUND_MS.acquainted });
}

/** How much our own tries made the counters show. */
const tried = new WeakMap<Lab['network'], number>();

export function noWayIn(lab: Lab): Chapter {
  const { network, watch } = lab;
  return {
    name: 'All the while, and at the end',
    steps: [
      ['the members know each other again', () => within('both alive for both', BOUND_MS.acquainted, () => acquainted(lab))],
      ['no connection was begun towards an inside', async () => assert.equal(await network.inward() - (tried.get(network) ?? 0), 0)],
      ['no order had two machines at any moment', async () => {
        const { orders, doubles } = watch.seen();
        assert.deepEqual(doubles, []);
        assert(orders > 0, 'no machine was seen at all');
        return `${orders} orders with a machine were watched`;
      }],
    ],
  };
}
