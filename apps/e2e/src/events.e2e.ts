/**
 * Streams of events over a live federation, whose Manager is killed in the middle of them again and again: what the readers have in the end
 * is every move of their orders exactly once, in order, equal to the histories. Exit status 0 only when all holds. Options: --keep leaves
 * the federation running, --port-base N (default 26000; 300 ports are used), --kills N (default 5).
 */
import { strict as assert } from 'node:assert';
import http from 'node:http';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { OrderView } from './api-client.js';
import { awaitEvent } from './await-event.js';
import { createWorldFederation, startWorld } from './crash-safety/start-world.js';
import type { World } from './crash-safety/start-world.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';

interface Notice {
  readonly position: number; readonly orderId: string; readonly batchId: string; readonly kind: string; readonly from: string | null; readonly to: string;
  readonly event: string; readonly reason: string | null; readonly at: string; readonly provider: string | null; readonly incarnation: number;
}

/** A reader that comes back whenever it is cut, with nothing but the position of what it saw last. */
interface Reader {
  readonly name: string;
  /** As they came: what came twice is here twice. */
  readonly notices: Notice[];
  readonly cuts: number;
  /** Where it began. */
  readonly start: number;
  leave(): void;
}

/** Resolves when the connection is over, however that came. */
type Connect = (address: string, token: string, onOpen: (position: number) => void, onNotice: (notice: Notice) => void, left: AbortSignal) => Promise<void>;

const connectSse: Connect = (address, token, onOpen, onNotice, left) => new Promise((resolve) => {
  const request = http.get(address, { agent: false, signal: left, headers: { 'X-Auth-Token': token, Accept: 'text/event-stream' } }, (response) => {
    if (response.statusCode !== 200) return void response.resume().once('close', resolve);
    onOpen(Number(response.headers['fogbow-position']));
    let text = '';
    response.setEncoding('utf8').on('error', () => undefined).once('close', resolve).on('data', (part: string) => {
      const blocks = (text + part).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) if (/^event: order$/m.test(block)) onNotice(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? '') as Notice);
    });
  });
  request.once('error', () => resolve());
});

const connectWebSocket: Connect = (address, token, onOpen, onNotice, left) => new Promise((resolve) => {
  const socket = new WebSocket(address.replace('http', 'ws'), { headers: { 'X-Auth-Token': token } });
  const leave = (): void => socket.terminate();
  left.addEventListener('abort', leave, { once: true });
  socket.on('error', () => undefined).once('close', () => {
    left.removeEventListener('abort', leave);
    resolve();
  });
  socket.on('upgrade', ({ headers }) => onOpen(Number(headers['fogbow-position']))).on('message', (data: Buffer) => onNotice(JSON.parse(data.toString()) as Notice));
});

const AGAIN_MS = 50;

async function openReader(name: string, world: World, connect: Connect, query: Readonly<Record<string, string>> = {}): Promise<Reader> {
  const left = new AbortController();
  const state = { name, notices: [] as Notice[], cuts: -1, start: -1, leave: () => left.abort() };
  const { managerUrl, users } = world.home.member;
  const keepReading = async (): Promise<void> => {
    for (; !left.signal.aborted; await pause(AGAIN_MS)) {
      const last = state.notices.at(-1)?.position ?? (state.start < 0 ? undefined : state.start);
      const search = new URLSearchParams({ ...query, ...(last === undefined ? {} : { after: String(last) }) });
      await connect(`${managerUrl}/v1/events?${search}`, users[0]?.token ?? '', (position) => {
        state.cuts += 1;
        if (state.start < 0) state.start = position;
      }, (notice) => state.notices.push(notice), left.signal);
    }
  };
  void keepReading();
  await awaitEvent(`${name} is connected`, () => state.start >= 0, { timeoutMs: 10_000, everyMs: 20 });
  return state;
}

async function allAre(world: World, count: number, state: string): Promise<void> {
  await awaitEvent(`${count} orders are ${state}`, async () => (await world.home.api.list()).filter((order) => order.state === state).length === count);
}

/** What the database holds behind a position, as a stream must have told it; its times are compared with the API's. */
async function truthAfter(world: World, position: number): Promise<Omit<Notice, 'at'>[]> {
  return await world.home.rows<Omit<Notice, 'at'>>(`
    select id::int as position, order_id as "orderId", batch_id as "batchId", kind, from_state as "from", to_state as "to", event, reason, provider, incarnation
    from order_history where requester = '${world.home.id}' and id > ${position} order by id`);
}

/** Waits until the readers have all there is, and compares. Answers how much that was. */
async function agree(world: World, readers: readonly Reader[]): Promise<number> {
  let told = 0;
  for (const reader of readers) {
    const truth = await awaitEvent(`${reader.name} has everything`, async () => {
      const rows = await truthAfter(world, reader.start);
      return (reader.notices.at(-1)?.position ?? reader.start) === (rows.at(-1)?.position ?? reader.start) ? rows : undefined;
    }, { timeoutMs: 30_000, seen: () => reader.notices.at(-1) });
    assert.deepEqual(reader.notices.map(({ at: _at, ...rest }) => rest), truth, `${reader.name} differs from the history`);
    told += truth.length;
  }
  return told;
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
        readers.push(await openReader('the stream', world, connectSse), await openReader('the WebSocket', world, connectWebSocket));
        const [id = ''] = await api.submit({});
        await allAre(world, 1, 'fulfilled');
        const order = await api.show(id);
        await agree(world, readers);
        for (const reader of readers) equalsHistory(reader, order as OrderView);
        await api.remove(id);
        await awaitEvent('the order is purged', async () => (await api.show(id)) === undefined);
        await agree(world, readers);
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
        const told = await agree(world, readers);
        const orders = await api.list();
        for (const { id } of orders) for (const reader of readers) equalsHistory(reader, (await api.show(id)) as OrderView);
        assert.ok(readers.every(({ cuts }) => cuts >= kills), `cuts: ${readers.map(({ cuts }) => cuts).join()}`);
        return `${told} messages, ${readers.map(({ name, cuts }) => `${name} came back ${cuts} times`).join(', ')}`;
      }],
      ['a reader of one batch has that batch alone, from its beginning', async () => {
        const [order] = await api.list();
        const late = await openReader('the late reader', world, connectSse, { batch: order?.batchId ?? '', after: '0' });
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
        await agree(world, readers);
        const purged = new Set(readers[0]?.notices.filter(({ to }) => to === 'purged').map(({ orderId }) => orderId));
        assert.deepEqual(purged, new Set(readers[0]?.notices.map(({ orderId }) => orderId)));
        return `${purged.size} orders`;
      }],
    ] },
  ];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '26000' }, kills: { type: 'string', default: '5' } } });
  const federation = createWorldFederation('cloud-fake', Number(values['port-base']));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void federation.dispose().finally(() => process.exit(130)));
  const readers: Reader[] = [];
  try {
    const world = await startWorld(federation, 'cloud-fake');
    const end = await tellStory(chapters(world, readers, Number(values.kills)), () => Promise.resolve());
    process.stdout.write(`\n${end.held} steps held, ${end.failed} failed, ${end.skipped} not tried\n`);
    if (end.failed > 0 || end.held === 0) process.exitCode = 1;
  } finally {
    for (const reader of readers) reader.leave();
    if (!values.keep) await federation.dispose();
  }
}

void main();
