import { simulate } from './simulate.js';
import { planOf } from './simulation-plan.js';
import type { SimulationPlan } from './simulation-plan.js';
import type { ProcessGround } from './compose-process.js';

jest.setTimeout(120_000);

/** Few orders, short waits. */
function quick(seed: number): SimulationPlan {
  const { timing, ...plan } = planOf(seed, 2);
  const short = Object.fromEntries(Object.entries(timing).map(([name, value]) => [name, typeof value === 'number' ? value / 4 : value])) as unknown as typeof timing;
  return { ...plan, orders: 5, stormMs: 60_000, timing: { ...timing, ...short } };
}

test('the same seed gives the same schedule, another seed another', async () => {
  const [first, again, other] = [await simulate(planOf(3, 3)), await simulate(planOf(3, 3)), await simulate(quick(4))];
  expect([first.fingerprint, first.steps]).toEqual([again.fingerprint, again.steps]);
  expect(other.fingerprint).not.toBe(first.fingerprint);
});

test.each([1, 2, 3, 4])('a small federation comes out of the storm of seed %d as it must', async (seed) => {
  const { violation, orders } = await simulate(planOf(seed, 2 + (seed % 3)));
  expect(violation).toBeUndefined();
  expect(Object.keys(orders)).not.toContain('open');
});

test.each<[string, RegExp, (ground: ProcessGround) => Partial<ProcessGround>]>([
  ['takes orders and does not store them', /is lost/, ({ store }) => ({ store: { ...store, insert: async () => undefined } })],
  ['places orders and never removes what must go', /wrong for more|not settled/, ({ releases }) => ({ releases: { ...releases, claimDue: async () => [] } })],
  ['lets go of instances and does not write that down', /no release of it is written down/, ({ store }) => ({
    store: { ...store, move: (moves) => store.move(moves.map(({ release: _release, ...move }) => move)) },
  })],
  ['believes that it has removed what it has not', /wrong for more|not settled|written down/, ({ cloud: { drivers, ...cloud } }) => ({
    cloud: { ...cloud, drivers: Object.fromEntries(Object.entries(drivers).map(([kind, driver]) => [kind, { ...driver, find: async () => undefined }])) },
  })],
  ['forgets the incarnation of what it asks for', /wrong for more|not settled|counts on|written down/, ({ store }) => ({
    store: { ...store, get: async (id) => store.get(id).then((order) => order && { ...order, incarnation: 1 }) },
  })],
  ['writes every second move without its effect', /./, ({ store }) => {
    let moves = 0;
    return { store: { ...store, move: (wanted) => ((moves += 1) % 2 ? store.move(wanted) : Promise.resolve(new Map(wanted.map(({ id }) => [id, { requester: '', connected: false }])))) } };
  }],
])('a Manager that %s is found out', async (_name, text, sabotage) => {
  for (let seed = 1; seed < 12; seed += 1) {
    const { violation } = await simulate(quick(seed), { sabotage: (ground) => ({ ...ground, ...sabotage(ground) }) });
    if (violation) return expect(violation.message).toMatch(text);
  }
  throw new Error('Nobody noticed.');
});
