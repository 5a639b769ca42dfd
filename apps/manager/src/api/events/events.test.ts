import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import type { AxiosInstance } from 'axios';
import pg from 'pg';
import { WebSocket } from 'ws';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';

interface Notice { position: number; orderId: string; batchId: string; from: string | null; to: string; event: string }
interface SseEvent { id?: string; event?: string; data?: string }

/** A reader of server-sent events, as simple as they are. */
interface Reader {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly events: SseEvent[];
  readonly text: () => string;
  notices(): Notice[];
  readonly ended: Promise<void>;
  leave(): void;
}

const opened: (() => void)[] = [];

function follow(manager: TestManager, query = '', headers: Record<string, string> = {}): Promise<Reader> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${manager.url}/v1/events${query}`, { agent: false, headers: { 'X-Auth-Token': 'alice-token', ...headers } }, (response) => {
      let text = '';
      const events: SseEvent[] = [];
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        const blocks = text.split('\n\n');
        for (const block of blocks.slice(0, -1)) events.push(Object.fromEntries(block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)])));
        text = blocks.at(-1) ?? '';
      }).on('error', () => undefined);
      const ended = new Promise<void>((done) => response.once('close', done));
      opened.push(() => request.destroy());
      resolve({
        status: response.statusCode ?? 0, headers: response.headers, events, ended, text: () => text, leave: () => void request.destroy(),
        notices: () => events.filter(({ event }) => event === 'order').map(({ data }) => JSON.parse(data ?? '') as Notice),
      });
    });
    request.on('error', reject);
  });
}

const submit = async (client: AxiosInstance, body: Record<string, unknown> = {}): Promise<string[]> => (await client.post<{ ids: string[] }>('/v1/orders', body)).data.ids;
const eventsOf = (notices: readonly Notice[], id: string): string[] => notices.filter(({ orderId }) => orderId === id).map(({ event }) => event);
const LIFE = ['submitted', 'accepted-here', 'ready'];

let manager: TestManager;
let alice: AxiosInstance;
beforeAll(async () => {
  manager = await startManager({ 'limits.streamsPerUser': 205, 'events.heartbeat': '150ms' }, { maxInstances: 500 });
  alice = manager.client();
});
afterEach(() => opened.splice(0).forEach((close) => close()));
afterAll(() => manager.stop());

async function query<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: manager.databaseUrl });
  await client.connect();
  const { rows } = await client.query<Row>(text);
  await client.end();
  return rows;
}

test('a stream tells the life of the caller’s orders as their histories do, and nothing of others’', async () => {
  const reader = await follow(manager);
  expect([reader.status, reader.headers['content-type'], reader.headers['cache-control']]).toEqual([200, 'text/event-stream; charset=utf-8', 'no-store']);
  await submit(manager.client('mallory'));
  const ids = await submit(alice, { count: 2 });
  await eventually(() => Promise.resolve(reader.notices()), (notices) => notices.length === 6);
  for (const id of ids) {
    const { data } = await alice.get<{ batchId: string; kind: string; history: Record<string, unknown>[] }>(`/v1/orders/${id}`);
    const own = reader.notices().filter(({ orderId }) => orderId === id);
    expect(own.map(({ event }) => event)).toEqual(LIFE);
    expect(own).toEqual(data.history.map((entry, index) => ({ reason: null, from: null, provider: null, ...entry, position: own[index]?.position, orderId: id, batchId: data.batchId, kind: data.kind })));
  }
  expect(reader.events.filter(({ event }) => event === 'order').map(({ id }) => Number(id))).toEqual(reader.notices().map(({ position }) => position));
});

test('a reader resumes behind what it saw last, by header or by query, from the beginning too, and filters by order and batch', async () => {
  const [one = '', two = ''] = await submit(alice, { count: 2 });
  const reader = await follow(manager, `?after=0&batch=${(await alice.get<{ batchId: string }>(`/v1/orders/${one}`)).data.batchId}`);
  await eventually(() => Promise.resolve(reader.notices()), (notices) => notices.length === 6);
  const all = reader.notices();
  const middle = String(all[2]?.position);
  for (const [address, headers] of [[`?after=${middle}`, {}], ['?after=0', { 'Last-Event-ID': middle }]] as const) {
    const again = await follow(manager, address, headers);
    await eventually(() => Promise.resolve(again.notices()), (notices) => notices.some(({ position }) => position === all.at(-1)?.position));
    expect(again.notices()).toEqual(all.slice(3));
    expect(again.headers['fogbow-position']).toBe(middle);
  }
  const single = await follow(manager, `?after=0&orderId=${two}`);
  await eventually(() => Promise.resolve(single.notices()), (notices) => notices.length === 3);
  expect(eventsOf(single.notices(), two)).toEqual(LIFE);
});

test('an id is the same in capitals', async () => {
  const reader = await follow(manager);
  const [id = ''] = await submit(alice);
  await eventually(() => Promise.resolve(reader.notices()), (notices) => notices.length >= 3);
  const { position = 0 } = reader.notices()[0] ?? {};
  const capital = await follow(manager, `?after=${position - 1}&orderId=${id.toUpperCase()}`);
  await eventually(() => Promise.resolve(eventsOf(capital.notices(), id)), (events) => events.length === 3);
  expect(eventsOf(capital.notices(), id)).toEqual(LIFE);
});

test('a quiet stream shows that it lives and how far it is', async () => {
  const reader = await follow(manager);
  await eventually(() => Promise.resolve(reader.events), (events) => events.filter((event) => event['' as keyof SseEvent] === 'still here').length >= 2);
  expect(Number(reader.events.at(-1)?.id)).toBeGreaterThanOrEqual(Number(reader.headers['fogbow-position']));
});

test.each([
  [401, '', { 'X-Auth-Token': 'wrong' }], [401, '?access_token=alice-token', { 'X-Auth-Token': '' }], [400, '?after=-1', {}], [400, '?after=1e30', {}], [400, '?after=99999999', {}], [400, '?since=1', {}],
  [400, '?orderId=x', {}], [400, '', { 'Last-Event-ID': 'abc' }], [406, '', { Accept: 'application/json' }],
])('%i for %s %j', async (status, address, headers) => {
  const reader = await follow(manager, address, headers);
  await reader.ended;
  expect([reader.status, reader.headers['content-type']]).toEqual([status, 'application/problem+json; charset=utf-8']);
});

test('two hundred readers get everything, and one more than the limit is refused', async () => {
  const readers = await Promise.all(Array.from({ length: 205 }, () => follow(manager)));
  expect(new Set(readers.map(({ status }) => status))).toEqual(new Set([200]));
  const refused = await follow(manager);
  await refused.ended;
  expect([refused.status, JSON.parse(refused.text())]).toEqual([429, expect.objectContaining({ code: 'too-many-requests' })]);
  expect((await follow(manager, '', { 'X-Auth-Token': 'mallory-token' })).status).toBe(200);
  const ids = await submit(alice, { count: 3 });
  await eventually(() => Promise.resolve(readers), (all) => all.every((reader) => reader.notices().length === 9));
  for (const reader of readers) for (const id of ids) expect(eventsOf(reader.notices(), id)).toEqual(LIFE);
  for (const reader of readers) reader.leave();
  await eventually(() => follow(manager), (reader) => reader.status === 200);
});

/** Reads so many notices, coming back whenever it is cut. */
async function readAll(from: TestManager, token: string, after: number, count: number): Promise<number[]> {
  const seen: number[] = [];
  while (seen.length < count) {
    const reader = await eventually(() => follow(from, `?after=${seen.at(-1) ?? after}`, { 'X-Auth-Token': token }), ({ status }) => status === 200);
    await Promise.race([reader.ended, eventually(() => Promise.resolve(seen.length + reader.notices().length), (all) => all >= count, 40_000)]);
    reader.leave();
    seen.push(...reader.notices().map(({ position }) => position));
  }
  return seen;
}

test('a reader that takes nothing is cut with the place to resume from, and others do not notice', async () => {
  const second = await startManager({ 'limits.streamsPerUser': 1, 'events.slowAfter': '500ms' });
  const slow = connect(Number(new URL(second.url).port), '127.0.0.1').on('error', () => undefined);
  slow.write('GET /v1/events HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice-token\r\n\r\n');
  const first = once(slow, 'data');
  let text = String((await first)[0]);
  slow.pause();
  const COUNT = 4000;
  const client = new pg.Client({ connectionString: second.databaseUrl });
  await client.connect();
  await client.query(`insert into order_history (order_id, requester, owner_id, to_state, event, incarnation, reason)
    select gen_random_uuid(), 'manager.test.local', owner, 'open', 'submitted', 1, repeat('x', 5000) from unnest('{alice,mallory}'::text[]) owner, generate_series(1, ${COUNT})`);
  await client.end();
  expect(new Set(await readAll(second, 'mallory-token', 0, COUNT)).size).toBe(COUNT);
  // Its place is free again when it is cut; only then does it read what lies in its socket.
  await eventually(async () => {
    const { status, leave } = await follow(second);
    leave();
    return status;
  }, (status) => status === 200, 30_000);
  const closed = once(slow, 'close');
  slow.setEncoding('utf8').on('data', (part: string) => { text += part; }).resume();
  await closed;
  const got = [...text.matchAll(/^id: (\d+)\nevent: order\ndata: .*\}$/gm)].map((match) => Number(match[1]));
  expect(got.length).toBeLessThan(COUNT);
  const bye = /event: bye\ndata: (.*)/.exec(text)?.[1];
  if (bye) expect(JSON.parse(bye)).toEqual({ reason: 'too-slow', resumeAfter: got.at(-1) });
  const rest = await readAll(second, 'alice-token', got.at(-1) ?? 0, COUNT - got.length);
  expect(new Set([...got, ...rest]).size).toBe(COUNT);
  await second.stop();
}, 90_000);

describe('over a WebSocket', () => {
  const address = (path = ''): string => `${manager.url.replace('http', 'ws')}/v1/events${path}`;
  const dial = (path = '', token = 'alice-token'): WebSocket => {
    const socket = new WebSocket(address(path), { headers: { 'X-Auth-Token': token } });
    opened.push(() => socket.terminate());
    return socket.on('error', () => undefined);
  };

  test('the same messages come, and pings', async () => {
    const socket = dial();
    const messages: Notice[] = [];
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Notice));
    const upgrade = once(socket, 'upgrade') as Promise<[http.IncomingMessage]>;
    await once(socket, 'open');
    const [answer] = await upgrade;
    expect(answer.headers['fogbow-position']).toMatch(/^\d+$/);
    const stream = await follow(manager, `?after=${String(answer.headers['fogbow-position'])}`);
    const pinged = once(socket, 'ping');
    await submit(alice);
    await eventually(() => Promise.resolve([messages, stream.notices()]), (both) => both.every((list) => list.length === 3));
    expect(messages).toEqual(stream.notices());
    await pinged;
  });

  test.each([[401, '', 'wrong'], [400, '?after=x', 'alice-token']])('%i comes before the upgrade', async (status, path, token) => {
    const [, response] = await once(dial(path, token), 'unexpected-response') as [unknown, http.IncomingMessage];
    expect([response.statusCode, response.headers['x-request-id']]).toEqual([status, expect.stringMatching(/.+/)]);
  });

  test('a broken handshake leaves no stream behind', async () => {
    const socket = connect(Number(new URL(manager.url).port), '127.0.0.1').on('error', () => undefined);
    socket.write('GET /v1/events HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice-token\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n');
    const [data] = await once(socket, 'data') as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
  });

  test('a client that was refused and stays is let go', async () => {
    const socket = connect({ port: Number(new URL(manager.url).port), host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
    opened.push(() => socket.destroy());
    socket.write('GET /v1/events HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    await once(socket.resume(), 'end');
    await eventually(() => Promise.resolve(socket.write('still here')), () => socket.destroyed);
  });

  test('a client that offers another protocol is answered plainly, with its body', async () => {
    const socket = connect(Number(new URL(manager.url).port), '127.0.0.1').on('error', () => undefined);
    const body = JSON.stringify({ title: 'h2c' });
    const head = `POST /v1/orders HTTP/1.1\r\nHost: x\r\nX-Auth-Token: alice-token\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAA\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    for (const parts of [[head + body], [head, body]]) {
      for (const part of parts) socket.write(part);
      const [data] = await once(socket, 'data') as [Buffer];
      expect(data.toString()).toMatch(/^HTTP\/1\.1 201 /);
    }
    socket.destroy();
  });
});

test('streams go on when the database drops all its connections', async () => {
  const reader = await follow(manager);
  await query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()');
  const [id = ''] = await eventually(() => submit(alice), (ids) => Array.isArray(ids));
  await eventually(() => Promise.resolve(eventsOf(reader.notices(), id)), (events) => events.length === 3);
  expect(eventsOf(reader.notices(), id)).toEqual(LIFE);
});

test('a process that stops says goodbye with the place to resume from, and refuses new streams', async () => {
  const second = await startManager();
  const reader = await follow(second);
  const socket = new WebSocket(`${second.url.replace('http', 'ws')}/v1/events`, { headers: { 'X-Auth-Token': 'alice-token' } });
  await once(socket, 'open');
  const closed = once(socket, 'close') as Promise<[number, Buffer]>;
  const [begun] = [performance.now(), await second.stop()];
  expect(performance.now() - begun).toBeLessThan(4000);
  await reader.ended;
  expect(reader.events.at(-1)).toMatchObject({ event: 'bye', data: JSON.stringify({ reason: 'stopping', resumeAfter: 0 }) });
  const [code, reason] = await closed;
  expect([code, JSON.parse(reason.toString())]).toEqual([1001, { reason: 'stopping', resumeAfter: 0 }]);
});
