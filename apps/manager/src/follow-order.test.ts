import { Writable } from 'node:stream';
import type { AxiosInstance } from 'axios';
import { createLogger } from '@fogbow/service-runtime';
import type { Logger } from '@fogbow/service-runtime';
import { startFederation } from './testing/start-federation.js';
import type { TestFederation } from './testing/start-federation.js';
import { eventually } from './testing/start-manager.js';

interface Line { readonly message: string; readonly requestId?: string; readonly order?: string; readonly outcome?: string; readonly [field: string]: unknown }

jest.setTimeout(90_000);

/** Several live side by side, perhaps on a busy machine. */
const PATIENCE_MS = 40_000;
const ABROAD = { requirements: 'Glue2CloudComputeManagerID != "manager.a.test"' };
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const lines = new Map<string, Line[]>();
let federation: TestFederation;
let client: AxiosInstance;

/** A real logger, whose JSON lines are kept. */
function logOf(id: string): Logger {
  const kept: Line[] = [];
  lines.set(id, kept);
  return createLogger('manager', 'debug', new Writable({ write(chunk: Buffer, _encoding, done) { kept.push(JSON.parse(String(chunk)) as Line); done(); } }));
}
const linesAt = (member: 'a' | 'b', requestId: string): Line[] => (lines.get(`manager.${member}.test`) ?? []).filter((line) => line.requestId === requestId);
const words = (some: readonly Line[]): string[] => [...new Set(some.map(({ message, about, method, answer, outcome }) => [message, about, method, answer, outcome].filter(Boolean).join(', ')))];

async function liveThrough(headers: Record<string, string>): Promise<{ id: string; requestId: string }> {
  const answer = await client.post<{ ids: [string] }>('/v1/orders', ABROAD, { headers });
  const [id] = answer.data.ids;
  await eventually(async () => (await client.get<{ state: string }>(`/v1/orders/${id}`)).data.state, (state) => state === 'fulfilled', PATIENCE_MS);
  await client.delete(`/v1/orders/${id}`);
  await eventually(() => client.get(`/v1/orders/${id}`), ({ status }) => status === 404, PATIENCE_MS);
  return { id, requestId: String(answer.headers['x-request-id']) };
}

beforeAll(async () => {
  federation = await startFederation([{}, {}], {}, logOf);
  client = federation.members[0]?.client as AxiosInstance;
  await eventually(async () => (await client.get<{ members: { alive: boolean }[] }>('/v1/members')).data.members, (members) => members.filter(({ alive }) => alive).length === 2);
});
afterAll(() => federation.stop());

test('one order is followed by one id from its request through both members to the removal of its machine', async () => {
  const { requestId } = await liveThrough({ 'X-Request-Id': 'story.1' });
  expect(requestId).toBe('story.1');
  expect(words(linesAt('a', 'story.1'))).toEqual(expect.arrayContaining([
    'a request was answered, POST', 'an instance was asked for, sent', 'another member answered, order, ok', 'an instance was to be removed, gone',
  ]));
  expect(words(linesAt('b', 'story.1'))).toEqual(expect.arrayContaining(['another member asked, order, later', 'another member asked, removeorder, now', 'an instance was asked for, accepted', 'an instance was to be removed, gone']));
});

test('orders that live at the same time keep their ids apart, whatever they share', async () => {
  const stories = await Promise.all(Array.from({ length: 3 }, (_, index) => liveThrough({ 'X-Request-Id': `crowd-${index}` })));
  for (const { id, requestId } of stories) {
    for (const member of ['a', 'b'] as const) {
      const orders = new Set(linesAt(member, requestId).flatMap(({ order }) => (order === undefined ? [] : [order])));
      expect([...orders]).toEqual([id]);
    }
  }
});

test.each<[string, Record<string, string>, string | RegExp]>([
  ['a trace of the client gives its id', { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` }, TRACE],
  ['an id that could break a line is not taken', { 'X-Request-Id': 'a b' }, /^[0-9a-f-]{36}$/],
  ['none is made', {}, /^[0-9a-f-]{36}$/],
])('%s', async (_name, headers, wanted) => {
  const { requestId } = await liveThrough(headers);
  if (wanted instanceof RegExp) expect(requestId).toMatch(wanted);
  else expect(requestId).toBe(wanted);
  expect(linesAt('a', requestId).length).toBeGreaterThan(2);
  expect(linesAt('b', requestId).length).toBeGreaterThan(2);
});
