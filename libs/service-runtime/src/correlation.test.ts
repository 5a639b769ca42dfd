import fc from 'fast-check';
import { createBatcher } from './batcher.js';
import { currentCorrelation, newCorrelation, parseTraceparent, readCorrelation, withCorrelation } from './correlation.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

test.each<[string, unknown, unknown, unknown]>([
  ['an id', 'mine.1', undefined, { requestId: 'mine.1' }],
  ['a trace alone gives its id', undefined, PARENT, { requestId: TRACE, traceparent: PARENT }],
  ['both', 'mine', PARENT, { requestId: 'mine', traceparent: PARENT }],
  ['an id that is too long', 'x'.repeat(65), undefined, undefined],
  ['an id that would break a line', 'a\nb', PARENT, { requestId: TRACE, traceparent: PARENT }],
  ['a trace of zeros', 'mine', PARENT.replace(TRACE, '0'.repeat(32)), { requestId: 'mine' }],
  ['a version that can never be', undefined, PARENT.replace('00-', 'ff-'), undefined],
  ['several headers', ['a', 'b'], [PARENT], undefined],
  ['nothing', undefined, undefined, undefined],
])('%s', (_what, id, parent, read) => expect(readCorrelation(id, parent)).toEqual(read));

test('whatever strangers say, what is read can be read again and breaks no line', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (id, parent) => {
    const read = readCorrelation(id, parent);
    expect(readCorrelation(read?.requestId, read?.traceparent)).toEqual(read);
    expect(read?.requestId ?? '').toMatch(/^[\w.-]*$/);
  }));
});

test('a new one has one id in two forms', () => {
  const { requestId, traceparent } = newCorrelation();
  expect(parseTraceparent(traceparent)?.traceId).toBe(requestId.replaceAll('-', ''));
});

test('it follows the work through every await, and no other', async () => {
  const seen: (string | undefined)[] = [];
  const work = async (): Promise<void> => {
    await new Promise((resolve) => { setImmediate(resolve); });
    seen.push(currentCorrelation()?.requestId);
  };
  await Promise.all([withCorrelation({ requestId: 'one' }, work), withCorrelation({ requestId: 'two' }, work), work()]);
  expect(seen).toEqual(['one', 'two', undefined]);
});

test('what many share belongs to none of them, and each goes on in its own', async () => {
  const during: unknown[] = [];
  const batched = createBatcher<number, number>({ maxItems: 10, splitOnFailure: false, run: (items) => { during.push(currentCorrelation()); return Promise.resolve(items); } });
  const after = await Promise.all(['one', 'two'].map((requestId) => withCorrelation({ requestId }, async () => {
    await batched(1);
    return currentCorrelation()?.requestId;
  })));
  expect(after).toEqual(['one', 'two']);
  expect(during).toEqual([undefined]);
});
