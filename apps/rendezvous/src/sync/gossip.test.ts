import { silentLogger } from '@fogbow/service-runtime';
import { noWatch } from '../observe/rendezvous-watch.js';
import { startGossip, waitAfter } from './gossip.js';

const NEWS = { pages: 1, members: 0, entered: 0, refreshed: 0 };
const PERIOD = 60_000;

/** A clock that sleeps until it is told to go on, and a neighbour that does as it is told. */
function open(neighbours: readonly string[] = ['n.test']) {
  const sleeps: { ms: number; wake: () => void }[] = [];
  const waiting: (() => void)[] = [];
  const state = { fails: false, asked: [] as string[], told: [] as string[], counted: [] as string[] };
  const sleep = (ms: number, signal?: AbortSignal): Promise<void> => new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    signal?.addEventListener('abort', () => resolve());
    sleeps.push({ ms, wake: resolve });
    waiting.splice(0).forEach((told) => told());
  });
  const tell = (message: string): void => void state.told.push(message);
  const gossip = startGossip({
    neighbours, periodMs: PERIOD, clock: { sleep }, watch: { ...noWatch, sync: (outcome) => void state.counted.push(outcome) },
    log: { ...silentLogger, warn: tell, info: tell },
    ask: async (neighbour) => {
      state.asked.push(neighbour);
      if (state.fails) throw new Error('down');
      return NEWS;
    },
  });
  const nextSleep = async (): Promise<{ ms: number; wake: () => void }> => {
    while (sleeps.length === 0) await new Promise<void>((resolve) => { waiting.push(resolve); });
    return sleeps.shift() as { ms: number; wake: () => void };
  };
  return { gossip, state, nextSleep };
}

it('asks at once and then every period', async () => {
  const { gossip, state, nextSleep } = open();
  for (const times of [1, 2, 3]) {
    const { ms, wake } = await nextSleep();
    expect([ms, state.asked.length]).toEqual([PERIOD, times]);
    wake();
  }
  await gossip.stop();
});

it('waits longer and longer for one that is down, within bounds, and says so once', async () => {
  const { gossip, state, nextSleep } = open();
  state.fails = true;
  (await nextSleep()).wake();
  const waits: number[] = [];
  for (let time = 0; time < 6; time += 1) {
    const { ms, wake } = await nextSleep();
    waits.push(ms);
    if (time === 5) state.fails = false;
    wake();
  }
  waits.forEach((ms, index) => {
    expect(ms).toBeGreaterThanOrEqual(Math.min(PERIOD * 2 ** (index + 1), 8 * PERIOD) / 2);
    expect(ms).toBeLessThanOrEqual(8 * PERIOD);
  });
  expect((await nextSleep()).ms).toBe(PERIOD);
  expect(state.told).toEqual([expect.stringContaining('could not be read'), expect.stringContaining('can be read again')]);
  expect(state.counted).toEqual(['read', ...Array.from({ length: 6 }, () => 'failed'), 'read']);
  await gossip.stop();
});

it.each<[string, (gossip: ReturnType<typeof open>['gossip']) => void, number]>([
  ['asks a neighbour that was away as soon as it asks us', (gossip) => gossip.heardFrom('n.test'), 2],
  ['asks anew when we are connected again', (gossip) => gossip.connected(), 2],
  ['does not care for strangers', (gossip) => gossip.heardFrom('x.test'), 1],
])('%s', async (_what, event, times) => {
  const { gossip, state, nextSleep } = open();
  state.fails = true;
  (await nextSleep()).wake();
  await nextSleep();
  state.asked.length = 0;
  event(gossip);
  if (times > 1) await nextSleep();
  expect(state.asked).toHaveLength(times - 1);
  await gossip.stop();
});

it('is not kept busy by one that asks us and cannot be read: two of these would ask each other without end', async () => {
  const { gossip, state, nextSleep } = open();
  state.fails = true;
  (await nextSleep()).wake();
  await nextSleep();
  gossip.heardFrom('n.test');
  const { wake } = await nextSleep();
  for (let times = 0; times < 3; times += 1) {
    gossip.heardFrom('n.test');
    await new Promise(setImmediate);
    expect(state.asked).toHaveLength(3);
  }
  // The wait over, the next sign of life counts again; and our own connection always does.
  wake();
  await nextSleep();
  gossip.heardFrom('n.test');
  await nextSleep();
  gossip.connected();
  await nextSleep();
  expect(state.asked).toHaveLength(6);
  await gossip.stop();
});

it('does not ask one that answers any sooner', async () => {
  const { gossip, state, nextSleep } = open();
  await nextSleep();
  gossip.heardFrom('n.test');
  gossip.connected();
  await gossip.stop();
  expect(state.asked).toHaveLength(1);
});

it('asks each on its own', async () => {
  const { gossip, state, nextSleep } = open(['a.test', 'b.test']);
  (await nextSleep()).wake();
  await nextSleep();
  await nextSleep();
  expect(state.asked).toEqual(['a.test', 'b.test', 'a.test']);
  await gossip.stop();
});

it('waits a period after a success', () => expect(waitAfter(0, PERIOD)).toBe(PERIOD));
