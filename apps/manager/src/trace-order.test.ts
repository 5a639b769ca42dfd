import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startFederation } from './testing/start-federation.js';
import { eventually } from './testing/start-manager.js';

interface Value { readonly stringValue?: string }
interface Span { readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string; readonly name: string; readonly kind: number; readonly member: string }
interface Attributes { readonly attributes: readonly { readonly key: string; readonly value: Value }[] }
interface Sent { readonly resourceSpans: readonly { readonly resource: Attributes; readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'member'>[] }[] }[] }

jest.setTimeout(90_000);
const PATIENCE_MS = 40_000;
const [CLIENT, SERVER] = [3, 2];

/** What a receiver of OTLP reads, whole. */
function spansOf(text: string): Span[] {
  return (JSON.parse(text) as Sent).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const member = resource.attributes.find(({ key }) => key === 'fogbow.member')?.value.stringValue ?? '';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, member })));
  });
}

test('an order that another member serves is one trace, from the request to the removal at the peer’s cloud', async () => {
  const spans: Span[] = [];
  const receiver: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes: Buffer) => { text += String(bytes); }).on('end', () => { spans.push(...spansOf(text)); response.end('{}'); });
  });
  await new Promise<void>((resolve) => { receiver.listen(0, '127.0.0.1', resolve); });
  const federation = await startFederation([{}, {}], { 'tracing.endpoint': `http://127.0.0.1:${(receiver.address() as AddressInfo).port}` });
  const client = federation.members[0]?.client ?? (() => { throw new Error('no member'); })();
  await eventually(async () => (await client.get<{ members: { alive: boolean }[] }>('/v1/members')).data.members, (members) => members.filter(({ alive }) => alive).length === 2, PATIENCE_MS);
  const made = await client.post<{ ids: [string] }>('/v1/orders', { requirements: 'Glue2CloudComputeManagerID != "manager.a.test"' });
  const [id] = made.data.ids;
  await eventually(async () => (await client.get<{ state: string }>(`/v1/orders/${id}`)).data.state, (state) => state === 'fulfilled', PATIENCE_MS);
  await client.delete(`/v1/orders/${id}`);
  await eventually(() => client.get(`/v1/orders/${id}`), ({ status }) => status === 404, PATIENCE_MS);
  await federation.stop();
  await new Promise<void>((resolve) => { receiver.close(() => resolve()); receiver.closeAllConnections(); });

  const trace = spans.filter(({ traceId }) => traceId === String(made.headers['x-request-id']).replaceAll('-', ''));
  const at = (letter: string, name: string, kind?: number): Span | undefined => trace.find((span) => span.member === `manager.${letter}.test` && span.name === name && (kind === undefined || span.kind === kind));
  const root = at('a', 'HTTP POST');
  expect(root?.parentSpanId ?? '').toBe('');
  expect(at('a', 'message order', CLIENT)?.parentSpanId).toBe(root?.spanId);
  expect(at('b', 'message order', SERVER)?.parentSpanId).toBe(at('a', 'message order', CLIENT)?.spanId);
  expect(at('b', 'cloud create', CLIENT)?.parentSpanId).toBe(at('b', 'message order', SERVER)?.spanId);
  expect(at('b', 'cloud remove', CLIENT)).toBeDefined();
  expect(at('a', 'message answer order', SERVER)?.parentSpanId).toBe(at('b', 'message answer order', CLIENT)?.spanId);
  expect(spans.some(({ name, traceId }) => name === 'job place-orders' && traceId !== root?.traceId)).toBe(true);
});
