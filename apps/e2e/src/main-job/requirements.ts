import assert from 'node:assert/strict';
import type { Chapter } from '../story.js';
import { awaitOrder, awaitState, login, machineFor } from './world.js';
import type { World } from './world.js';

const onMember = (id: string): string => `Glue2CloudComputeManagerID == "${id}"`;

export function requirements(world: World): Chapter {
  let waiting = '';
  let first = '';
  const publicKey = world.alice.publicKey;
  return {
    name: 'Requirements',
    steps: [
      ['an order that must go to B goes there, though home has room', async () => {
        const [order] = await awaitState(world, await world.home.submit({ publicKey, requirements: onMember(world.b.id) }), 'fulfilled');
        assert(order);
        assert.equal(order.providingMember, world.b.id);
        await login(world, order);
      }],
      ['a size picks the smallest flavor that has it', async () => {
        const ids = await world.home.submit({ publicKey, requirements: 'Glue2RAM >= 1024 && Glue2vCPU >= 2' });
        const [order] = await awaitState(world, ids, 'fulfilled');
        assert(order);
        assert.deepEqual(machineFor(world, order).size, { vcpu: 2, ramMb: 2048, diskGb: 20 });
        first = order.id;
      }],
      ['one that may not leave home waits with a reason while home is full', async () => {
        await awaitState(world, await world.home.submit({ publicKey, requirements: onMember(world.a.id) }), 'fulfilled');
        [waiting] = await world.home.submit({ publicKey, requirements: onMember(world.a.id) }) as [string];
        const order = await awaitOrder(world, waiting, 'it waits and says why', ({ state, placement }) => state === 'open' && placement?.length === 2);
        assert(order.reason);
        assert.match(String(order.placement?.find(({ member }) => member === world.b.id)?.verdict), /requirements/);
        return order.reason;
      }],
      ['and is served when room comes up', async () => {
        await world.home.remove(first);
        const [order] = await awaitState(world, [waiting], 'fulfilled');
        assert.equal(order?.providingMember, world.a.id);
      }],
      ['a size that nobody has is not served anywhere', async () => {
        const [id] = await world.home.submit({ publicKey, requirements: `Glue2vCPU >= 1000 && ${onMember(world.a.id)}` }) as [string];
        const order = await awaitOrder(world, id, 'it says why', ({ state, placement }) => state !== 'fulfilled' && placement?.length === 2);
        assert(order.reason && order.instanceId === undefined);
        return `${order.state}: ${order.reason}`;
      }],
      ['nonsense is refused at once', async () => {
        const { status } = await world.home.raw('POST', '/v1/orders', { headers: { 'Content-Type': 'application/json' }, body: '{"requirements":"Glue2RAM >="}' });
        assert.equal(status, 400);
      }],
    ],
  };
}
