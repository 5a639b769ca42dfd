/**
 * Streams of events over a live federation, whose Manager is killed in the middle of them again and again: what the readers have in the end
 * is every move of their orders exactly once, in order, equal to the histories. Exit status 0 only when all holds. Options: --keep leaves
 * the federation running, --port-base N (default 26000; 300 ports are used), --kills N (default 5).
 */
import { strict as assert } from 'node:assert';
import { parseArgs } from 'node:util';
import type { OrderView } from './api-client.js';
import { awaitEvent } from './await-event.js';
import { createWorldFederation, startWorld } from './crash-safety/start-world.js';
import type { World } from './crash-safety/start-world.js';
import { agree, connectSse, connectWebSocket, openReader, sourceOf } from './events/readers.js';
import type { Reader } from './events/readers.js';
import { runStory } from './run-story.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';

async function allAre(world: World, count: number, state: string): Promise<void> {
  await awaitEvent(`${count} orders are ${state}`, async () => (await world.home.api.list()).filter((order) => order.state === state).length === count);
}

/** What the stream told of an order equals what GET /v1/orders/ID says of the order. */
function equalsHistory(reader: Reader, order: OrderView): void {
  const told = reader.notices.filter(({ orderId }) => orderId === order.id);
  const history = order.history?.map((entry) => ({ reason: null, from: null, provider: null, ...entry }));
  assert.deepEqual(told.map(({ position: _p, orderId: _o, batchId: _b, kind: _k, ...rest }) => rest), history, `the history of ${order.id} is another`);
}

const BATCH = 8;

function chapters(world: World, readers: Reader[], kills: number): Chapter[] {
  const { api, manager } = world.home;
  const killInTheMiddle = async (): Promise<void> => {
    const before = readers[0]?.notices.length ?? 0;
    await api.removeAll();
    const asked = api.submit({ count: BATCH, type: 'persistent' }).catch(() => []);
    // Somewhere in the middle of what the new orders have to tell.
    const enough = 1 + Math.floor(Math.random() * BATCH * 2);
    const born = (): number => readers[0]?.notices.slice(before).filter(({ to }) => to !== 'deleted' && to !== 'purged').length ?? 0;
    await awaitEvent('the stream has begun', () => born() >= enough, { timeoutMs: 20_000, everyMs: 1 });
    await world.control.kill(manager);
    await asked;
    await world.control.start(manager);
  };
  return [
    { name: 'One life', steps: [
      ['a stream and a WebSocket follow an order from its submission to its end', async () => {
        readers.push(await openReader('the stream', sourceOf(world.home.member), connectSse), await openReader('the WebSocket', sourceOf(world.home.member), connectWebSocket));
        const [id = ''] = await api.submit({});
        await allAre(world, 1, 'fulfilled');
        const order = await api.show(id);
        await agree(world.home, readers);
        for (const reader of readers) equalsHistory(reader, order as OrderView);
        await api.remove(id);
        await awaitEvent('the order is purged', async () => (await api.show(id)) === undefined);
        await agree(world.home, readers);
        assert.equal(readers[0]?.notices.at(-1)?.to, 'purged');
      }],
    ] },
    { name: 'Kills', steps: [
      [`the Manager dies ${kills} times in the middle of its streams, and nothing is lost, told twice or out of order`, async () => {
        for (let kill = 0; kill < kills; kill += 1) await killInTheMiddle();
        await api.removeAll();
        await api.submit({ count: BATCH, type: 'persistent' });
        await allAre(world, BATCH, 'fulfilled');
        await awaitEvent('the orders before are purged', async () => (await api.list()).length === BATCH);
        const told = await agree(world.home, readers);
        const orders = await api.list();
        for (const { id } of orders) for (const reader of readers) equalsHistory(reader, (await api.show(id)) as OrderView);
        assert.ok(readers.every(({ cuts }) => cuts >= kills), `cuts: ${readers.map(({ cuts }) => cuts).join()}`);
        return `${told} messages, ${readers.map(({ name, cuts }) => `${name} came back ${cuts} times`).join(', ')}`;
      }],
      ['a reader of one batch has that batch alone, from its beginning', async () => {
        const [order] = await api.list();
        const late = await openReader('the late reader', sourceOf(world.home.member), connectSse, { batch: order?.batchId ?? '', after: '0' });
        const ofBatch = readers[0]?.notices.filter(({ batchId }) => batchId === order?.batchId) ?? [];
        await awaitEvent('the batch is told', () => late.notices.length >= ofBatch.length, { timeoutMs: 10_000 });
        late.leave();
        assert.deepEqual(late.notices, ofBatch);
      }],
      ['when everything is deleted the end of every order is told, across one more death', async () => {
        await api.removeAll();
        await world.control.kill(manager);
        await world.control.start(manager);
        await awaitEvent('all orders are purged', async () => (await api.list()).length === 0);
        await agree(world.home, readers);
        const purged = new Set(readers[0]?.notices.filter(({ to }) => to === 'purged').map(({ orderId }) => orderId));
        assert.deepEqual(purged, new Set(readers[0]?.notices.map(({ orderId }) => orderId)));
        return `${purged.size} orders`;
      }],
    ] },
  ];
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '26000' }, kills: { type: 'string', default: '5' } } });
runStory({
  async open(endings) {
    const federation = createWorldFederation('cloud-fake', Number(values['port-base']));
    if (!values.keep) endings.push(() => federation.dispose());
    const readers: Reader[] = [];
    endings.push(() => { for (const reader of readers) reader.leave(); });
    return { world: await startWorld(federation, 'cloud-fake'), readers };
  },
  tell: ({ world, readers }) => tellStory(chapters(world, readers, Number(values.kills)), () => Promise.resolve()),
});
