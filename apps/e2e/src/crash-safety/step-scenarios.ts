import { awaitEvent } from '../await-event.js';
import { acceptedOrders, awaitFulfilled, awaitNothingLeft, removeOrders, tryToOrder } from './order-and-delete.js';
import type { Scenario } from './run-scenarios.js';
import { PLAIN_CLOUD } from './sites.js';
import type { World } from './start-world.js';

export type Who = 'home' | 'abroad';
type Knobs = Readonly<Record<string, unknown>>;

/** One named step at one member; the crash comes while machines are ordered, or while they are deleted. */
export interface StepCase {
  readonly step: string;
  readonly who: Who;
  readonly during: 'order' | 'delete';
  /** What is special about it. */
  readonly note?: string;
  readonly count?: number;
  /** Knobs of the two clouds. A starts with room for one machine, so that the rest goes abroad. */
  readonly knobs?: Partial<Record<Who, Knobs>>;
  /** Knobs that end what hinders, once the crash has happened. */
  readonly knobsAfter?: Partial<Record<Who, Knobs>>;
  /** Deletion finds the orders as they are, not fulfilled. */
  readonly unfulfilled?: true;
  /** Nobody waits for the orders after the crash: they are deleted at once. */
  readonly regretted?: true;
}

const NOT_READY_AT_ONCE = { bootDelay: 200 };
const both = (step: string, during: StepCase['during'], more: Partial<StepCase> = {}): StepCase[] => (['home', 'abroad'] as const).map((who) => ({ step, who, during, ...more }));
const regretted = (who: Who, ...steps: string[]): StepCase[] => steps.map((step) => ({ step, who, during: 'order', note: 'deleted at once', regretted: true }));
const FULL = { maxInstances: 0 };

/** Where in the flow a Manager over the fake cloud can die; the steps in the order of apps/manager/src/crash-steps.ts. */
export const STEP_CASES: readonly StepCase[] = [
  { step: 'after-store-order', who: 'home', during: 'order' },
  ...both('after-claim', 'order'),
  ...both('before-cloud-call', 'order'),
  ...both('after-cloud-call', 'order'),
  ...both('after-accepted', 'order'),
  { step: 'after-sent-away', who: 'home', during: 'order' },
  { step: 'after-post-order', who: 'home', during: 'order' },
  { step: 'after-store-served', who: 'abroad', during: 'order' },
  { step: 'before-answer', who: 'abroad', during: 'order' },
  { step: 'before-answer', who: 'abroad', during: 'order', note: 'a refusal', knobs: { abroad: FULL }, knobsAfter: { abroad: { maxInstances: null } } },
  { step: 'after-refusal', who: 'abroad', during: 'order', knobs: { abroad: FULL }, knobsAfter: { home: { maxInstances: null } } },
  { step: 'on-answer', who: 'home', during: 'order' },
  { step: 'after-answer', who: 'home', during: 'order' },
  ...both('before-ready', 'order', { knobs: { home: NOT_READY_AT_ONCE, abroad: NOT_READY_AT_ONCE } }),
  ...regretted('home', 'after-claim', 'after-cloud-call', 'after-sent-away', 'on-answer'),
  ...regretted('abroad', 'after-cloud-call', 'after-store-served', 'before-answer'),
  ...both('after-mark-deleted', 'delete'),
  { step: 'after-mark-deleted', who: 'home', during: 'delete', note: 'an order that waits', knobs: { home: FULL, abroad: FULL }, unfulfilled: true, count: 1 },
  ...both('before-release', 'delete'),
  ...both('after-release', 'delete'),
  ...both('after-forget-release', 'delete'),
  { step: 'after-remember-removed', who: 'abroad', during: 'delete' },
];

const CRASH_MS = 20_000;
const COUNT = 3;

export function stepScenario(world: World, one: StepCase): Scenario {
  const { step, who, during, note } = one;
  return { name: `${step} at ${who === 'home' ? 'A' : 'B'}${note ? `, ${note}` : ''}${during === 'delete' ? ' (deletion)' : ''}${world.tunnels ? ' (real machines)' : ''}`, run: () => crashAt(world, one) };
}

async function crashAt(world: World, one: StepCase): Promise<string> {
  const site = world[one.who];
  await turnBoth(world, one.knobs, { home: { ...PLAIN_CLOUD, maxInstances: 1 }, abroad: { ...PLAIN_CLOUD, maxInstances: null } });
  await world.control.restart(site.manager, { FOGBOW_CRASH_AT: one.step });
  return one.during === 'order' ? await crashWhileOrdering(world, one) : await crashWhileDeleting(world, one);
}

async function turnBoth(world: World, knobs: StepCase['knobs'] = {}, first: StepCase['knobs'] = {}): Promise<void> {
  if (world.tunnels) return;
  for (const who of ['home', 'abroad'] as const) if (knobs[who] ?? first[who]) await world[who].turn({ ...first[who], ...knobs[who] });
}

async function crashWhileOrdering(world: World, one: StepCase): Promise<string> {
  const count = one.count ?? COUNT;
  const answered = await tryToOrder(world, count);
  await crashAndRestart(world, one);
  const restarted = performance.now();
  const orders = await acceptedOrders(world, answered, count);
  // Nothing that was durable may be gone: every named step lies behind the write of the orders.
  if (orders.length === 0) throw new Error('the orders were stored and are lost');
  if (!one.regretted) await awaitFulfilled(world, orders);
  const fulfilled = performance.now();
  await removeOrders(world, orders);
  await awaitNothingLeft(world);
  return seconds((one.regretted ? performance.now() : fulfilled) - restarted);
}

async function crashWhileDeleting(world: World, one: StepCase): Promise<string> {
  const orders = await acceptedOrders(world, await tryToOrder(world, one.count ?? COUNT), one.count ?? COUNT);
  if (one.unfulfilled) await awaitEvent('the orders wait', async () => (await world.home.api.list()).every(({ state, reason }) => state === 'open' && reason !== 'waiting to be placed'));
  else await awaitFulfilled(world, orders);
  await Promise.all(orders.map((id) => world.home.api.remove(id).catch(() => undefined)));
  await crashAndRestart(world, one);
  const restarted = performance.now();
  await removeOrders(world, orders);
  await awaitNothingLeft(world);
  return seconds(performance.now() - restarted);
}

/** It must have died by its own SIGKILL, at that very step. */
export async function crashAndRestart(world: World, { step, who, knobsAfter }: Pick<StepCase, 'step' | 'who' | 'knobsAfter'>): Promise<void> {
  const { manager } = world[who];
  const ending = await world.control.ending(manager, CRASH_MS).catch(() => undefined);
  if (!ending) throw new Error(`${manager} never reached ${step}`);
  if (ending.signal !== 'SIGKILL') throw new Error(`${manager} ended with ${ending.signal ?? ending.code}, not by SIGKILL`);
  if (!world.control.logOf(manager).trimEnd().endsWith(`crash staged at ${step}`)) throw new Error(`${manager} did not die at ${step}`);
  await turnBoth(world, knobsAfter);
  await world.control.start(manager);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
