import { setTimeout as pause } from 'node:timers/promises';
import { awaitEvent } from '../await-event.js';
import { awaitFulfilled, awaitNothingLeft, order, removeOrders } from './order-and-delete.js';
import type { Scenario } from './run-scenarios.js';
import { askRedis, PLAIN_CLOUD, queryRows } from './sites.js';
import type { World } from './start-world.js';

type States = Readonly<Record<string, number>>;

/** Something outside an order's own path dies, forgets or errs while orders are under way. */
interface Fault {
  readonly name: string;
  /** Strikes while machines are made; resolves when everything runs again. */
  strike(world: World, orders: readonly string[]): Promise<void>;
  /** Set up before the orders come. */
  readonly before?: (world: World) => Promise<void>;
  readonly beforeDeletion?: (world: World) => Promise<void>;
  /** Likewise while they are deleted; absent: nothing happens then. */
  readonly strikeDeletion?: ((world: World, orders: readonly string[]) => Promise<void>) | 'the same';
  /** When it strikes; default: as soon as an order is with B. */
  readonly when?: (states: States) => boolean;
  readonly type?: 'persistent';
  /** Settings of A's Manager, where the usual ones do not show it. */
  readonly env?: NodeJS.ProcessEnv;
  readonly knobs?: { readonly home?: object; readonly abroad?: object };
}

const COUNT = 6;
/** Slow enough to be caught in the middle. */
const SLOW = { createDelay: 150, bootDelay: 400 };

const killed = (title: string, ...names: string[]): Fault => ({ name: `${title} killed`, strike: (world) => restartAll(world, names), strikeDeletion: 'the same' });

async function restartAll({ control }: World, names: readonly string[]): Promise<void> {
  await control.kill(...names);
  await Promise.all(names.map((name) => control.start(name)));
}

const flush = async (world: World): Promise<void> => void await askRedis(world.redisUrl, 'FLUSHALL');
const servedInState = async ({ abroad }: World, states: readonly string[]): Promise<number> =>
  Number((await abroad.rows<{ count: string }>(`select count(*) from orders where state in (${states.map((state) => `'${state}'`).join(', ')})`))[0]?.count);

export const OUTER_FAULTS: readonly Fault[] = [
  killed('rendezvous', 'rendezvous'),
  killed('xmpp-router', 'xmpp-router'),
  killed('both tunnels', 'tunnel-a', 'tunnel-b'),
  killed('redis', 'redis'),
  killed('postgres', 'postgres'),
  killed('both managers', 'manager-a', 'manager-b'),
  killed('everything', 'rendezvous', 'xmpp-router', 'redis', 'postgres', 'tunnel-a', 'tunnel-b', 'manager-a', 'manager-b'),
  killed('both clouds', 'fake-cloud-a', 'fake-cloud-b'),
  { name: 'Redis wiped while orders are open', strike: flush, when: (states) => (states['open'] ?? 0) > 0, strikeDeletion: 'the same' },
  { name: 'Redis wiped while machines boot', strike: flush, when: (states) => (states['spawning'] ?? 0) > 0 && (states['pending'] ?? 0) > 0, strikeDeletion: 'the same' },
  { name: 'Redis wiped when all are fulfilled', strike: flush, when: (states) => states['fulfilled'] === COUNT },
  { name: 'our question lost on the way', before: freezeRouter, strike: loseQuestion, beforeDeletion: freezeRouter, strikeDeletion: loseRemoval },
  { name: 'the peer’s answer lost on the way', strike: loseAnswer, when: (states) => (states['pending'] ?? 0) > 0 },
  { name: 'the peer dead when it is asked again', strike: reviveAfterReminder, knobs: { abroad: { createDelay: 1500 } } },
  { name: 'the peer asleep for longer than it is waited for', strike: sleepTooLong, env: { FOGBOW_PLACEMENT_GIVE_UP_AFTER: '3s' }, knobs: { abroad: { createDelay: 1500 } } },
  { name: 'the requester’s database away while the peer asks', strike: databaseAway, when: (states) => states['fulfilled'] === COUNT },
  { name: 'rendezvous away for long', before: withoutRendezvous, when: (states) => states['fulfilled'] === 2, strike: returnOfRendezvous },
  { name: 'machines lost while nobody looks', type: 'persistent', when: (states) => states['fulfilled'] === COUNT, strike: loseMachines },
  { name: 'clouds refuse at first', strike: () => Promise.resolve(), knobs: { home: { refuse: 'cloud-unavailable', refuseCount: 3 }, abroad: { refuse: 'no-valid-host', refuseCount: 2 } } },
  { name: 'clouds answer too late', strike: tooLate, knobs: { home: { createDelay: 2500 }, abroad: { createDelay: 2500 } }, when: (states) => (states['fulfilled'] ?? 0) < COUNT },
  { name: 'clouds away', strike: outage, strikeDeletion: outage },
];

export function outerScenario(world: World, fault: Fault): Scenario {
  return { name: fault.name, run: () => play(world, fault) };
}

async function play(world: World, fault: Fault): Promise<string> {
  const { home, abroad, control } = world;
  await home.turn({ ...PLAIN_CLOUD, ...SLOW, maxInstances: 2, ...fault.knobs?.home });
  await abroad.turn({ ...PLAIN_CLOUD, ...SLOW, maxInstances: null, ...fault.knobs?.abroad });
  if (fault.env) await control.restart(home.manager, fault.env);
  await fault.before?.(world);
  const orders = await order(world, COUNT, fault.type);
  const isTime = fault.when ?? ((states) => (states['pending'] ?? 0) > 0);
  await awaitEvent('orders are in the middle', async () => isTime(await statesOf(world)), { timeoutMs: 10_000, everyMs: 5 });
  await fault.strike(world, orders);
  const made = await timed(() => awaitFulfilled(world, orders));
  if (fault.env) await control.restart(home.manager);
  const strike = fault.strikeDeletion === 'the same' ? fault.strike : fault.strikeDeletion;
  await fault.beforeDeletion?.(world);
  const removing = removeOrders(world, orders);
  // A rejection that comes while the strike lasts is looked at below.
  removing.catch(() => undefined);
  if (strike) await strike(world, orders);
  const gone = await timed(async () => { await removing; await awaitNothingLeft(world); });
  return `${made}${strike ? `, deletion in ${gone}` : ''}`;
}

async function statesOf({ home }: World): Promise<States> {
  const states: Record<string, number> = {};
  for (const { state } of await home.api.list()) states[state] = (states[state] ?? 0) + 1;
  return states;
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const begun = performance.now();
  await work();
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}

function freezeRouter({ control }: World): Promise<void> {
  control.freeze('xmpp-router');
  return Promise.resolve();
}

/** What was sent into a frozen router is gone with it. */
async function loseQuestion(world: World): Promise<void> {
  await awaitEvent('B was asked, it seems', async () => (await statesOf(world))['pending'] === COUNT - 2, { timeoutMs: 10_000, everyMs: 20 });
  const known = await servedInState(world, ['open', 'spawning', 'fulfilled']);
  if (known > 0) throw new Error(`the router let ${known} questions through`);
  await world.control.restart('xmpp-router');
}

async function loseAnswer(world: World): Promise<void> {
  await awaitEvent('B has stored the orders', async () => await servedInState(world, ['open', 'spawning']) === COUNT - 2, { timeoutMs: 10_000, everyMs: 5 });
  world.control.freeze('xmpp-router');
  await awaitEvent('B has answered, it thinks', async () => await servedInState(world, ['fulfilled']) === COUNT - 2, { timeoutMs: 10_000, everyMs: 20 });
  await world.control.restart('xmpp-router');
}

async function loseRemoval(world: World): Promise<void> {
  await awaitEvent('B was told, it seems', async () => (await world.home.rows(`select 1 from releases where attempts > 0 and member = '${world.abroad.id}'`)).length === COUNT - 2, { timeoutMs: 10_000, everyMs: 20 });
  await world.control.restart('xmpp-router');
}

/** B dies with the orders stored and their machines in the making; the reminder comes back as undeliverable. */
async function reviveAfterReminder(world: World): Promise<void> {
  await awaitEvent('B has stored the orders', async () => await servedInState(world, ['open', 'spawning']) === COUNT - 2, { timeoutMs: 10_000, everyMs: 5 });
  await world.control.kill(world.abroad.manager);
  await awaitEvent('A knows that B cannot be asked', async () => !(await statesOf(world))['pending'], { timeoutMs: 15_000 });
  await world.control.start(world.abroad.manager);
}

/** B is given up while it has the orders, and takes them up again when it wakes. */
async function sleepTooLong({ control, home, abroad }: World): Promise<void> {
  control.freeze(abroad.manager);
  await awaitEvent('A gives B up', async () => (await home.rows(`select 1 from order_history h join orders o on o.id = h.order_id where h.event = 'timed-out'`)).length === COUNT - 2, { timeoutMs: 15_000 });
  control.thaw(abroad.manager);
}

/** A fault of ours must not read as "not wanted": the peer would take the machines away. */
async function databaseAway(world: World): Promise<void> {
  const name = 'fogbow_a';
  await queryRows(world.postgresUrl, `alter database ${name} allow_connections false`);
  try {
    await queryRows(world.postgresUrl, `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`);
    const before = await world.abroad.machines();
    // B asks once a second whether its machines are wanted; with a time limit of two.
    await pause(4000);
    const after = await world.abroad.machines();
    if (after.length !== before.length) throw new Error(`B took ${before.length - after.length} of ${before.length} machines away`);
  } finally {
    await queryRows(world.postgresUrl, `alter database ${name} allow_connections true`);
  }
}

/** Machines come into being though the call that asked for them failed. */
async function tooLate(world: World): Promise<void> {
  await awaitEvent('a machine exists that nobody was told of', async () => (await world.home.machines()).length + (await world.abroad.machines()).length > 0, { timeoutMs: 10_000 });
  await pause(3000);
  await Promise.all([world.home, world.abroad].map((site) => site.turn(PLAIN_CLOUD)));
}

async function outage(world: World): Promise<void> {
  const sites = [world.home, world.abroad];
  await Promise.all(sites.map((site) => site.turn({ outage: true })));
  await pause(2000);
  await Promise.all(sites.map((site) => site.turn(PLAIN_CLOUD)));
}

async function withoutRendezvous({ control, home, abroad }: World): Promise<void> {
  await control.kill('rendezvous');
  await awaitEvent('A believes to be alone', async () => (await home.api.members()).some((member) => member.id === abroad.id && (member as { alive?: boolean }).alive === false), { timeoutMs: 15_000 });
}

/** Who has no place waits, and is told why; then they go. */
async function returnOfRendezvous({ control, home }: World): Promise<void> {
  await awaitEvent('the others wait with a reason', async () =>
    (await home.api.list()).every(({ state, reason }) => state === 'fulfilled' || (state === 'open' && reason?.includes('no other member is alive'))), { timeoutMs: 10_000 });
  await control.start('rendezvous');
}

/** Their orders are persistent: each gets a new one. */
async function loseMachines(world: World): Promise<void> {
  const managers = [world.home.manager, world.abroad.manager];
  await world.control.kill(...managers);
  await Promise.all([world.home, world.abroad].map(async (site) => {
    for (const { id } of (await site.machines()).slice(0, 2)) await site.vanish(id);
  }));
  await Promise.all(managers.map((name) => world.control.start(name)));
  await awaitEvent('their loss is noticed', async () => (await statesOf(world))['fulfilled'] !== COUNT, { timeoutMs: 10_000, everyMs: 20 });
}
