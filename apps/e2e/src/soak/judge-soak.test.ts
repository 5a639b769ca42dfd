import { judgeSoak } from './judge-soak.js';
import { parseSoakLog } from './soak-log.js';
import type { OrderRecord, Sample, SoakLog } from './soak-log.js';

type Change = (index: number) => Partial<Sample['processes'][string]> & { readonly keys?: number; readonly jobs?: number; readonly orders?: number; readonly history?: number; readonly hasHeap?: boolean };

const sample = (index: number, change: Change): Sample => {
  const { keys = 100, jobs = 0, orders = 3, history = index * 40, hasHeap = true, ...process } = change(index);
  return {
    type: 'sample', seconds: index * 15, connections: { fogbow_a: 10 }, rows: { 'fogbow_a.orders': orders, 'fogbow_a.order_history': history }, redis: { usedKb: 2000, keys }, queues: { 'a.placement': jobs },
    machines: 2, logKb: 1, load: 1,
    processes: { 'manager-a': { pid: 7, memoryKb: 100_000, ownKb: 50_000, handles: 40, family: 1, ...(hasHeap ? { heapKb: 30_000 } : {}), ...process }, machines: { pid: 0, memoryKb: index * 1000, ownKb: 0, handles: index, family: 2 } },
  };
};
const logOf = (change: Change = () => ({}), more: Partial<SoakLog> = {}): SoakLog => ({
  start: { type: 'start', at: '', minutes: 120, rate: 20, about: {} }, orders: [], samples: Array.from({ length: 480 }, (_, index) => sample(index, change)), ...more,
});
const faultsOf = (change?: Change, more?: Partial<SoakLog>): readonly string[] => judgeSoak(logOf(change, more)).faults;

test('what is flat holds, and machines and kept tables may grow', () => {
  const { judged, faults, isLongEnough } = judgeSoak(logOf());
  expect(faults).toEqual([]);
  expect(isLongEnough).toBe(true);
  expect(judged.map(({ of, what }) => `${of} ${what}`)).toContain('manager-a open files');
  expect(judged.some(({ of }) => of === 'machines' || of.endsWith('history'))).toBe(false);
});

test.each<[string, Change]>([
  ['memory of manager-a: 11.7 MiB more an hour', (index) => ({ memoryKb: 100_000 + index * 50 })],
  ['heap after collection of manager-a: 2.3 MiB more an hour', (index) => ({ heapKb: 30_000 + index * 10 })],
  ['open files of manager-a: 24.0 more an hour', (index) => ({ handles: 40 + Math.floor(index / 10) })],
  ['keys of redis: 240.0 more an hour', (index) => ({ keys: 100 + index })],
  ['jobs waiting of a.placement: 240.0 more an hour', (index) => ({ jobs: index })],
  ['rows of fogbow_a.orders: 240.0 more an hour', (index) => ({ orders: index })],
])('%s is told', (sentence, change) => {
  expect(faultsOf(change).map((fault) => fault.split(',')[0])).toEqual([sentence]);
});

test('a process that was started anew is no flat one', () => {
  expect(faultsOf((index) => ({ pid: index < 100 ? 7 : 8 }))).toEqual(['manager-a was started anew 1 time(s).']);
});

test('orders may go wrong once in two hundred times, and nothing may be left', () => {
  const orders = (faulty: number): OrderRecord[] => Array.from({ length: 400 }, (_, index) => ({ type: 'order', seconds: index, asked: 'a', look: 'none', ...(index < faulty ? { fault: 'no room' } : {}) }));
  expect(faultsOf(undefined, { orders: orders(2) })).toEqual([]);
  expect(faultsOf(undefined, { orders: orders(3) })).toEqual(['3 of 400 orders went wrong, the first one: no room.']);
  expect(faultsOf(undefined, { end: { type: 'end', at: '', seconds: 1, left: ['1 machine'] } })).toEqual(['Left at the end: 1 machine.']);
});

test('what was not seen is not flat', () => {
  const { samples } = logOf();
  expect(faultsOf(undefined, { samples: samples.filter((_, index) => index % 10 > 1) })).toEqual([]);
  expect(faultsOf(undefined, { samples: samples.filter((_, index) => index % 10 > 2) })).toEqual(['Only 336 of 479 looks succeeded.']);
  // Looks that end before the run does.
  expect(faultsOf(undefined, { samples: samples.slice(0, 240), end: { type: 'end', at: '', seconds: 7200, left: [] } })).toEqual(['Only 240 of 480 looks succeeded.']);
});

test('nor is a heap that nobody told', () => {
  expect(faultsOf(() => ({ hasHeap: false }))).toEqual(['There is no heap of manager-a.']);
  expect(faultsOf((index) => ({ hasHeap: index >= 100 }))).toEqual(['The heap of manager-a was seen in 380 of 480 looks.']);
  expect(faultsOf((index) => ({ hasHeap: index >= 4 }))).toEqual([]);
});

test('a short run decides nothing, and an empty one does not fall over', () => {
  expect(judgeSoak({ ...logOf(), samples: logOf((index) => ({ handles: index * 10 })).samples.slice(0, 20) })).toMatchObject({ isLongEnough: false, faults: [] });
  expect(judgeSoak({ ...logOf(), samples: [] })).toEqual({ judged: [], faults: ['Nothing was seen: not one look succeeded.'], isLongEnough: false });
});

describe('a log that ends in the middle of a line', () => {
  const start = '{"type":"start","at":"","minutes":1,"rate":1,"about":{}}\n';
  test('is read without it', () => expect(parseSoakLog(`${start}{"type":"sam`).samples).toEqual([]));
  test('but a broken one in between is told', () => expect(() => parseSoakLog(`${start}{"ty\n${start}`)).toThrow('Line 2'));
  test('and so is one without a beginning', () => expect(() => parseSoakLog('')).toThrow('beginning'));
});
