import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { currentCorrelation, newCorrelation, parseTraceparent, withCorrelation } from './correlation.js';
import { startOtlpTracing } from './otlp-tracing.js';
import { inSpan, noTracing } from './tracing.js';

interface SentSpan { readonly traceId: string; readonly spanId: string; readonly parentSpanId?: string; readonly name: string; readonly kind: number; readonly status: { readonly code?: number; readonly message?: string }; readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[] }
interface Sent { readonly resourceSpans: readonly { readonly resource: { readonly attributes: SentSpan['attributes'] }; readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[] }

/** A receiver of OTLP over HTTP that reads what comes. */
async function startReceiver(status = 200): Promise<{ endpoint: string; sent: Sent[]; paths: string[]; close(): Promise<void> }> {
  const [sent, paths]: [Sent[], string[]] = [[], []];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (bytes: Buffer) => { text += String(bytes); }).on('end', () => {
      paths.push(`${request.method} ${request.url} ${request.headers['content-type']}`);
      sent.push(JSON.parse(text) as Sent);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sent, paths, close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }) };
}
const spansOf = (sent: readonly Sent[]): SentSpan[] => sent.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
const options = { service: 'manager', attributes: { 'fogbow.member': 'a.test' } };

test('spans of one story are one tree, whose trace has the digits of the request id', async () => {
  const receiver = await startReceiver();
  const tracing = await startOtlpTracing({ ...options, endpoint: `${receiver.endpoint}/` });
  const story = newCorrelation();
  await withCorrelation(story, () => inSpan(tracing, { name: 'POST', kind: 'server', isFirst: true }, async () => {
    await inSpan(tracing, { name: 'cloud create', kind: 'client', attributes: { cloud: 'main', tries: 2 } }, () => Promise.resolve());
    await inSpan(tracing, { name: 'message order', kind: 'client' }, () => Promise.reject(new Error('no answer'))).catch(() => undefined);
  }));
  await tracing.stop();
  await receiver.close();
  expect(receiver.paths).toEqual(['POST /v1/traces application/json']);
  const spans = spansOf(receiver.sent);
  const root = spans.find(({ name }) => name === 'POST');
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([story.requestId.replaceAll('-', '')]));
  expect(root?.parentSpanId ?? '').toBe('');
  expect(spans.filter(({ name }) => name !== 'POST').map(({ parentSpanId }) => parentSpanId)).toEqual([root?.spanId, root?.spanId]);
  expect(spans.find(({ name }) => name === 'message order')?.status).toMatchObject({ code: 2, message: 'no answer' });
  expect(spans.find(({ name }) => name === 'cloud create')?.attributes).toEqual(expect.arrayContaining([{ key: 'cloud', value: { stringValue: 'main' } }, { key: 'fogbow.request_id', value: { stringValue: story.requestId } }]));
  expect(receiver.sent[0]?.resourceSpans[0]?.resource.attributes).toEqual(expect.arrayContaining([{ key: 'service.name', value: { stringValue: 'manager' } }, { key: 'fogbow.member', value: { stringValue: 'a.test' } }]));
});

test('what goes on elsewhere goes on under the span that is open, and one whose client wants no trace leaves none', async () => {
  const receiver = await startReceiver();
  const tracing = await startOtlpTracing({ ...options, endpoint: receiver.endpoint });
  const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
  const inside = await withCorrelation({ requestId: 'mine', traceparent: `${parent}-01` }, () => inSpan(tracing, { name: 'seen', kind: 'server' }, () => Promise.resolve(currentCorrelation())));
  await withCorrelation({ requestId: 'mine', traceparent: `${parent}-00` }, () => inSpan(tracing, { name: 'unseen', kind: 'server' }, () => Promise.resolve()));
  await inSpan(tracing, { name: 'a duty', kind: 'internal' }, () => { expect(currentCorrelation()).toBeUndefined(); return Promise.resolve(); });
  await tracing.stop();
  await receiver.close();
  const spans = spansOf(receiver.sent);
  expect(spans.map(({ name }) => name).sort()).toEqual(['a duty', 'seen']);
  expect(spans.find(({ name }) => name === 'seen')).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', parentSpanId: '00f067aa0ba902b7', kind: 2 });
  expect(inside?.requestId).toBe('mine');
  expect(parseTraceparent(inside?.traceparent)?.spanId).toBe(spans.find(({ name }) => name === 'seen')?.spanId);
});

test('a receiver that refuses or is not there holds nobody up', async () => {
  const receiver = await startReceiver(400);
  for (const endpoint of [receiver.endpoint, 'http://127.0.0.1:9']) {
    const tracing = await startOtlpTracing({ ...options, endpoint, everyMs: 10 });
    expect(await inSpan(tracing, { name: 'x', kind: 'internal' }, () => Promise.resolve(5))).toBe(5);
    await tracing.stop();
  }
  await receiver.close();
}, 20_000);

test('without an endpoint nothing is begun', async () => {
  expect(await withCorrelation({ requestId: 'mine' }, () => inSpan(noTracing, { name: 'x', kind: 'internal' }, () => Promise.resolve(currentCorrelation())))).toEqual({ requestId: 'mine' });
});
