import assert from 'node:assert/strict';
import { awaitOrder, awaitState } from './world.js';
import type { World } from './world.js';
import type { Chapter } from '../story.js';

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

export function validity(world: World): Chapter {
  const publicKey = world.alice.publicKey;
  return {
    name: 'Validity',
    steps: [
      ['an order begins when its validity does, not before', async () => {
        const validFrom = inSeconds(4);
        const [id] = await world.home.submit({ publicKey, validFrom, validUntil: inSeconds(600) }) as [string];
        const waiting = await awaitOrder(world, id, 'it waits for its time', ({ state, reason }) => state === 'open' && reason !== undefined && /validity/.test(reason), 3000);
        const [order] = await awaitState(world, [id], 'fulfilled', 20_000);
        const placed = order?.history?.find(({ to }) => to === 'spawning')?.at;
        assert(placed && Date.parse(placed) >= Date.parse(validFrom), `placed at ${placed}, valid from ${validFrom}`);
        return waiting.reason;
      }],
      ['one that was not served by its end closes', async () => {
        const [id] = await world.home.submit({ publicKey, requirements: 'Glue2CloudComputeManagerID == "nobody.example"', validUntil: inSeconds(4) }) as [string];
        await awaitOrder(world, id, 'it waits', ({ state }) => state === 'open', 3000);
        const [order] = await awaitState(world, [id], 'closed', 15_000);
        return order?.reason;
      }],
      ['an end before now is refused', async () => {
        const body = JSON.stringify({ publicKey, validUntil: inSeconds(-60) });
        const { status } = await world.home.raw('POST', '/v1/orders', { headers: { 'Content-Type': 'application/json' }, body });
        assert.equal(status, 400);
      }],
    ],
  };
}
