import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { awaitEvent } from '../await-event.js';
import { awaitFulfilled, awaitNothingLeft, order, removeOrders } from '../crash-safety/order-and-delete.js';
import type { Chapter, Step } from '../story.js';
import { BOUND_MS, OUTAGE_MS, within } from './lab.js';
import type { Lab } from './lab.js';
import type { Leg } from './layout.js';

type Orders = readonly string[];

export function undisturbed(lab: Lab): Chapter {
  const state: { orders: Orders } = { orders: [] };
  return {
    name: 'No room at A, a machine at B, a user of the Internet',
    steps: [
      ['order at A, machine at B, ssh through the tunnel of B', async () => {
        const took = await within('fulfilled', BOUND_MS.undisturbed, async () => { state.orders = await place(lab); await awaitFulfilled(lab.world, state.orders); });
        const [machine] = await lab.world.home.api.list();
        assert.equal(machine?.providingMember, lab.world.abroad.id);
        assert.equal(machine.ssh?.host, lab.world.abroad.member.tunnel.host);
        return took;
      }],
      ['delete', () => within('nothing left', BOUND_MS.undisturbed, () => removeAll(lab, state.orders))],
    ],
  };
}

export interface CutOptions {
  readonly leg: Leg;
  /** Who starts anew in the middle of a cut; absent: nobody. */
  readonly restarted?: 'manager-a' | 'manager-b';
  /** Whether deletions are cut off, too; else they come after it. */
  readonly deletions: boolean;
}

/** One order is what B works on when the cut comes, another comes in the cut. */
export function cutLeg(lab: Lab, { leg, restarted, deletions }: CutOptions): Chapter {
  const state: { orders: Orders } = { orders: [] };
  const placing: Step = ['while an answer is under way and another order is being placed', async () => {
    const early = await place(lab);
    await awaitServed(lab, 'spawning');
    return await cutAndHeal(lab, leg, async () => { state.orders = [...early, ...await place(lab)]; }, () => fulfilled(lab, state.orders));
  }];
  const restarting: Step = [`while ${restarted} starts anew, an order is being placed and another deleted`, async () => {
    const [first = '', ...rest] = state.orders;
    return await cutAndHeal(lab, leg, async () => {
      await remove(lab, [first]);
      state.orders = [...rest, ...await place(lab)];
      return restarted && await within('started', BOUND_MS.started, () => lab.world.control.restart(restarted));
    }, () => fulfilled(lab, state.orders));
  }];
  const deleting: Step = ['while a deletion is under way and another is asked for', async () => {
    const [first = '', ...rest] = state.orders;
    await remove(lab, [first]);
    await awaitServed(lab, 'deleted');
    return await cutAndHeal(lab, leg, () => remove(lab, rest), () => nothingLeft(lab));
  }];
  return { name: `${leg} cut and healed`, steps: [placing, ...(restarted ? [restarting] : []), ...(deletions ? [deleting] : [])] };
}

const BAD_LEG = 'ext A – ext B';

/** Several orders, so that enough packets are lost. */
export function badLine(lab: Lab): Chapter {
  const state: { orders: Orders } = { orders: [] };
  return {
    name: `${BAD_LEG} slow and lossy`,
    steps: [
      ['the line is made bad', () => lab.network.worsen(BAD_LEG)],
      ['four machines', () => within('fulfilled', BOUND_MS.worsened, async () => { state.orders = await place(lab, 4); await awaitFulfilled(lab.world, state.orders); })],
      ['are deleted', () => within('nothing left', BOUND_MS.worsened, () => removeAll(lab, state.orders))],
      ['the line was bad indeed', async () => {
        const lost = await lab.network.lost(BAD_LEG);
        assert(lost > 0, 'no packet was lost');
        await lab.network.heal(BAD_LEG);
        return `${lost} packets were lost`;
      }],
    ],
  };
}

/** What the user asks for is accepted at once, cut or not. */
async function place({ world }: Lab, count = 1): Promise<Orders> {
  let orders: Orders = [];
  await within('accepted', BOUND_MS.accepted, async () => { orders = await order(world, count); });
  return orders;
}

async function remove({ world }: Lab, orders: Orders): Promise<void> {
  await within('the deletion accepted', BOUND_MS.accepted, () => removeOrders(world, orders));
}

async function removeAll(lab: Lab, orders: Orders): Promise<void> {
  await remove(lab, orders);
  await awaitNothingLeft(lab.world);
}

/** Does the work in the cut, which lasts for {@link OUTAGE_MS} at least; then waits until all is well. The leg is healed whatever happens. */
async function cutAndHeal({ network }: Lab, leg: Leg, meanwhile: () => Promise<string | void>, isWell: () => Promise<void>): Promise<string> {
  await network.cut(leg);
  let note: string | void = undefined;
  try {
    [note] = await Promise.all([meanwhile(), pause(OUTAGE_MS)]);
  } finally {
    await network.heal(leg);
  }
  return `${note ? `${note}; ` : ''}${await within('well after the healing', BOUND_MS.healed, isWell)}`;
}

const fulfilled = ({ world }: Lab, orders: Orders): Promise<void> => awaitFulfilled(world, orders);
const nothingLeft = ({ world }: Lab): Promise<void> => awaitNothingLeft(world);

async function awaitServed({ world }: Lab, state: string): Promise<void> {
  await awaitEvent(`B has an order ${state}`, async () => (await world.abroad.rows(`select 1 from orders where state = '${state}'`)).length > 0, { timeoutMs: 10_000, everyMs: 5 });
}
