import assert from 'node:assert/strict';
import type { OrderView } from '../api-client.js';
import { awaitOrder, login } from '../main-job/world.js';
import type { Chapter } from '../story.js';
import { ROOM_AT_B } from './container-world.js';
import type { ContainerWorld } from './container-world.js';

/** Why the members said no, wherever an order tells it. */
const said = (order: OrderView): string => JSON.stringify([order.reason, order.placement]);

/** Things that happen on a real engine, each with the state and the reason that follow. */
export function faults({ world, atB, submitToB, docker, containersOf, engine }: ContainerWorld): Chapter {
  let kept: OrderView | undefined;
  /** The word of B on an order that it does not serve, else the order's own. */
  const summary = ({ state, reason, placement }: OrderView): string =>
    `${state}: ${(state === 'open' ? placement?.find(({ member }) => member === world.b.id)?.verdict : undefined) ?? reason}`;
  const idOf = async (order: OrderView): Promise<string> => {
    const [id] = await containersOf(order);
    assert(id, 'the engine has no container of the order');
    return id;
  };
  return {
    name: 'Faults',
    steps: [
      ['a container killed behind our back closes a one-time order, which says how it ended', async () => {
        const order = await atB();
        await docker('kill', await idOf(order));
        const closed = await awaitOrder(world, order.id, 'it is closed', ({ state }) => state === 'closed');
        assert.match(String(closed.reason), /ended from outside of Fogbow; exit status 137/);
        await awaitOrder(world, order.id, 'nothing of it is left', () => true);
        return summary(closed);
      }],
      ['a container removed behind our back gives a persistent order another', async () => {
        const order = await atB({ type: 'persistent' });
        const first = await idOf(order);
        await docker('rm', '-f', first);
        const again = await awaitOrder(world, order.id, 'it has another machine', ({ state, instanceId, ssh }) => state === 'fulfilled' && ssh !== undefined && instanceId !== order.instanceId, 120_000);
        await login(world, again);
        const lost = again.history?.find(({ event }) => event === 'lost-reopened');
        await world.home.remove(order.id);
        return lost?.reason ?? 'no reason';
      }],
      ['an image that the engine does not have: refused, with what to do', async () => {
        const id = await submitToB({ image: 'lost' });
        const order = await awaitOrder(world, id, 'it says why', (seen) => /does not have the image lost/.test(said(seen)));
        await world.home.remove(id);
        return summary(order);
      }],
      ['a full cloud: the order waits and says what is short, and goes on when there is room', async () => {
        const full = await Promise.all(Array.from({ length: ROOM_AT_B }, () => atB()));
        const id = await submitToB();
        const waiting = await awaitOrder(world, id, 'it says why', (seen) => seen.state === 'open' && /no room|instances|quota/i.test(said(seen)));
        await world.home.remove(full[0]?.id ?? '');
        kept = await awaitOrder(world, id, 'it is served', ({ state, ssh }) => state === 'fulfilled' && ssh !== undefined, 120_000);
        await world.home.remove(full[1]?.id ?? '');
        return summary(waiting);
      }],
      ['a dead engine: what runs there stays fulfilled, and a new order waits for it', async () => {
        assert(kept);
        await engine.halt('SIGKILL');
        const id = await submitToB();
        await awaitOrder(world, id, 'it waits and says why', (seen) => seen.state !== 'fulfilled' && /engine/i.test(said(seen)));
        assert.equal((await world.home.show(kept.id))?.state, 'fulfilled');
        await engine.resume();
        const [mine, next] = await Promise.all([kept.id, id].map((one) => awaitOrder(world, one, 'it is served', ({ state, ssh }) => state === 'fulfilled' && ssh !== undefined, 180_000)));
        assert.equal(mine?.instanceId, kept.instanceId);
        assert(next);
        await login(world, next);
        return `${next.history?.length} moves`;
      }],
    ],
  };
}
