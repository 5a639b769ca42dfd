import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { awaitHarmony } from './find-faults.js';
import type { SshUser } from '../ssh.js';
import { PLAIN_CLOUD } from './sites.js';
import type { World } from './start-world.js';

/** Orders machines; undefined when the answer was lost, and then nobody knows yet whether they were accepted. */
export async function tryToOrder({ home, owner }: World, count: number, type: OrderView['type'] = 'one-time'): Promise<readonly string[] | undefined> {
  return await home.api.submit({ count, type, flavor: 'fogbow_small', ...(owner ? { publicKey: owner.publicKey } : {}) }).catch(() => undefined);
}

export async function order(world: World, count: number, type?: OrderView['type']): Promise<readonly string[]> {
  return await awaitEvent('an order is accepted', () => tryToOrder(world, count, type), { timeoutMs: 15_000 });
}

/** An order whose answer was lost counts if it is listed: then all of its machines must come, else none. */
export async function acceptedOrders({ home }: World, answered: readonly string[] | undefined, count: number): Promise<readonly string[]> {
  if (answered) return answered;
  const listed = await awaitEvent('orders are listed', () => home.api.list(), { timeoutMs: 15_000 });
  if (listed.length !== count && listed.length !== 0) throw new Error(`${listed.length} of ${count} orders of one batch are listed`);
  return listed.map(({ id }) => id);
}

/** Asks for the deletion of each; what could not be asked is asked again until it is heard. What was heard must go by itself. */
export async function removeOrders({ home }: World, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => awaitEvent(`the deletion of ${id} is heard`, async () => {
    const state = (await home.api.show(id))?.state;
    if (state !== undefined && state !== 'deleted') await home.api.remove(id);
    return true;
  }, { timeoutMs: 20_000 })));
}

/** Real machines must let their owner in, too. */
export async function awaitFulfilled(world: World, orders: readonly string[]): Promise<void> {
  await awaitHarmony(world.home, world.abroad, { orders, tunnels: world.tunnels });
  if (world.owner) await logInToAll(world, world.owner);
}

async function logInToAll({ home }: World, owner: SshUser): Promise<void> {
  await Promise.all((await home.api.list()).map((order) => awaitEvent(`ssh into order ${order.id}`, async () => {
    if (!order.ssh) throw new Error('it shows no address');
    const { stdout, stderr } = await owner.run(order.ssh, 'echo in');
    if (stdout.trim() !== 'in') throw new Error(`ssh said ${stdout} ${stderr}`);
    return true;
  }, { timeoutMs: 20_000 })));
}

export async function awaitNothingLeft(world: World): Promise<void> {
  await awaitHarmony(world.home, world.abroad, { orders: [], tunnels: world.tunnels });
}

/** After a scenario that failed: whatever it left goes, or the next ones would fail with it. */
export async function sweep(world: World): Promise<void> {
  await world.control.reviveAll();
  if (!world.tunnels) await Promise.all([world.home, world.abroad].map((site) => site.turn(PLAIN_CLOUD)));
  await awaitEvent('all orders can be deleted', async () => { await world.home.api.removeAll(); return true; }, { timeoutMs: 20_000 });
  await awaitNothingLeft(world);
}
