import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { createCheckpoints, silentLogger, systemClock } from '@fogbow/service-runtime';
import type { Checkpoints } from '@fogbow/service-runtime';
import { createSizeOf } from '../accounting/machine-size.js';
import { createListAccounting } from '../accounting/list-accounting.js';
import { createPowerOf } from '../accounting/read-favours.js';
import type { CrashStep } from '../crash-steps.js';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import { createMonitorWorker } from '../monitoring/monitor-worker.js';
import { moveBy } from '../orders/order-move.js';
import type { OrderRecord } from '../orders/order-record.js';
import { createOrderStore } from '../orders/order-store.js';
import type { OrderStore } from '../orders/order-store.js';
import { SELF } from '../testing/make-order.js';
import { newOrder, openTestDatabase } from '../testing/open-test-database.js';
import { createAwaitPower } from './await-power.js';
import { createMeasureWorker } from './measure-worker.js';
import type { MeasureOptions } from './measure-worker.js';
import { createMeasurementStore } from './measurement-store.js';
import type { MeasurementStore } from './measurement-store.js';
import type { MeasurementEnd } from './power-metrics.js';
import type { ProbeOutcome } from './run-probe.js';

jest.setTimeout(30_000);
const SSH = { sshAddress: { host: 'tunnel.test', port: 1234 }, sshHostKey: 'ssh-ed25519 AAAA' };
const ADDRESS = { host: 'tunnel.test', port: 1234, hostKey: 'ssh-ed25519 AAAA' };
const MEASURED: ProbeOutcome = { kind: 'measured', seconds: 2, isForgotten: true };
const AWAY: ProbeOutcome = { kind: 'away', why: 'unreachable', reason: 'it does not answer' };

let database: Kysely<unknown>;
let orders: OrderStore;
beforeAll(async () => {
  database = await openTestDatabase();
  orders = createOrderStore(database);
});
afterAll(() => database.destroy());
beforeEach(() => sql`truncate orders, order_history, order_accounts, measurements, workers`.execute(database));

/** A worker process that is alive, with its hands on the table. */
async function newWorker(changes: Partial<Parameters<typeof createMeasurementStore>[0]> = {}): Promise<MeasurementStore & { readonly workerId: string }> {
  const workerId = randomUUID();
  await sql`insert into workers (id, name) values (${workerId}, 'test')`.execute(database);
  return { workerId, ...createMeasurementStore({ database, workerId, workerDeadAfterMs: 60_000, patienceMs: 60_000, leaseMs: 60_000, atOnce: 10, ...changes }) };
}
const dies = (workerId: string) => sql`delete from workers where id = ${workerId}`.execute(database);

/** An order whose machine was just asked for. */
async function spawning(instance: OrderRecord['instance'] = { id: 'm', ...SSH }): Promise<OrderRecord> {
  const order = newOrder({ spec: { flavor: 'small' } });
  await orders.insert([order]);
  await orders.move([moveBy(await orders.get(order.id) as OrderRecord, 'accepted-here', '', { patch: { provider: SELF, instance } })]);
  return await orders.get(order.id) as OrderRecord;
}
const lifeOf = ({ id, incarnation }: OrderRecord) => ({ orderId: id, incarnation });

describe('the table of measurements', () => {
  it('knows only machines that were expected, begins once, and is over when somebody says so', async () => {
    const [store, one, other] = [await newWorker(), await spawning(), await spawning()];
    await store.expect(lifeOf(one));
    await store.expect(lifeOf(one));
    expect(await store.claim()).toBeUndefined();
    const reached = [{ ...lifeOf(one), address: ADDRESS }, { ...lifeOf(other), address: ADDRESS }];
    expect(await store.look(reached)).toEqual([{ ...lifeOf(one), isOver: false, isNew: true }]);
    expect(await store.look(reached)).toEqual([{ ...lifeOf(one), isOver: false, isNew: false }]);
    const claimed = await store.claim();
    expect(claimed).toEqual({ ...lifeOf(one), address: ADDRESS, tries: 1, leftMs: expect.any(Number) });
    expect(await store.keep(lifeOf(one), 2.5)).toBe(true);
    expect(await store.look(reached)).toEqual([{ ...lifeOf(one), isOver: false, isNew: false, seconds: 2.5 }]);
    expect(await store.end(lifeOf(one))).toBe(true);
    expect(await store.look(reached)).toEqual([{ ...lifeOf(one), isOver: true, isNew: false, seconds: 2.5 }]);
    expect([await store.claim(), await store.end(lifeOf(one)), await store.keep(lifeOf(one), 9)]).toEqual([undefined, false, false]);
  });

  it('is over at once for a machine that nobody can dial', async () => {
    const [store, one] = [await newWorker(), await spawning()];
    await store.expect(lifeOf(one));
    expect(await store.look([lifeOf(one)])).toEqual([{ ...lifeOf(one), isOver: true, isNew: false }]);
    expect(await store.claim()).toBeUndefined();
  });

  it('gives one machine to one worker, and as many at once as may be, however many workers ask', async () => {
    const machines = await Promise.all(Array.from({ length: 8 }, () => spawning()));
    const workers = await Promise.all(Array.from({ length: 5 }, () => newWorker({ atOnce: 3 })));
    for (const machine of machines) await workers[0]?.expect(lifeOf(machine));
    await workers[0]?.look(machines.map((machine) => ({ ...lifeOf(machine), address: ADDRESS })));
    const claimed = (await Promise.all(workers.flatMap((worker) => [worker.claim(), worker.claim()]))).filter((one) => one !== undefined);
    expect(claimed).toHaveLength(3);
    expect(new Set(claimed.map(({ orderId }) => orderId)).size).toBe(3);
  });

  it('gives the machine of a worker that died to another, and hears no more from the first', async () => {
    const [dead, heir, one] = [await newWorker(), await newWorker(), await spawning()];
    await dead.expect(lifeOf(one));
    await dead.look([{ ...lifeOf(one), address: ADDRESS }]);
    await dead.claim();
    await dead.keep(lifeOf(one), 3);
    expect(await heir.claim()).toBeUndefined();
    await dies(dead.workerId);
    expect(await heir.claim()).toMatchObject({ tries: 2, seconds: 3 });
    expect([await dead.keep(lifeOf(one), 9), await dead.end(lifeOf(one)), await dead.retry(lifeOf(one), 1, '')]).toEqual([false, false, false]);
  });

  it('comes back to a machine later, and ends what took too long with its last fault', async () => {
    const [store, one] = [await newWorker(), await spawning()];
    await store.expect(lifeOf(one));
    await store.look([{ ...lifeOf(one), address: ADDRESS }]);
    await store.claim();
    await store.retry(lifeOf(one), 60_000, 'it does not answer');
    expect([await store.claim(), await store.endLate()]).toEqual([undefined, []]);
    await sql`update measurements set until = now()`.execute(database);
    expect(await store.look([{ ...lifeOf(one), address: ADDRESS }])).toMatchObject([{ isOver: true }]);
    expect([await store.endLate(), await store.endLate()]).toEqual([[{ ...lifeOf(one), fault: 'it does not answer' }], []]);
  });

  it('is forgotten when its order is past it, and not before its machine is there', async () => {
    const [store, one] = [await newWorker(), await spawning()];
    const open = newOrder();
    await orders.insert([open]);
    for (const machine of [lifeOf(one), { orderId: open.id, incarnation: 1 }, { orderId: open.id, incarnation: 2 }, { orderId: randomUUID(), incarnation: 1 }]) await store.expect(machine);
    await store.forget();
    const left = async () => (await sql<{ order_id: string }>`select order_id from measurements`.execute(database)).rows.map((row) => row.order_id).sort();
    expect(await left()).toEqual([one.id, open.id].sort());
    await orders.move([moveBy(one, 'ready', '')]);
    await store.forget();
    expect(await left()).toEqual([open.id]);
  });
});

/** The Manager around it: its monitor and its duty, with machines that answer as told. */
async function newManager(probe: MeasureOptions['probe'], changes: Parameters<typeof newWorker>[0] = {}, checkpoints: Checkpoints<CrashStep> = createCheckpoints<CrashStep>(undefined)) {
  const store = await newWorker(changes);
  const [told, woken]: [MeasurementEnd[], string[]] = [[], []];
  const wakeUp = (duty: string): void => void woken.push(duty);
  const well = { describe: async (seen: readonly OrderRecord[]) => new Map(seen.map((order) => [order.id, { kind: 'present', state: 'active', reachable: true, instance: order.instance }])) } as unknown as InstanceProvider;
  const monitor = createMonitorWorker({
    self: SELF, store: orders, local: well, remote: well, moveOrders: (moves) => orders.move(moves), wakeLater: () => undefined, tellNews: () => undefined, checkpoints, silence: () => Promise.resolve(new Map()), clock: systemClock,
    policy: { self: SELF, lostAfterMs: 1000, bootDeadlineMs: 0, maxFailedBoots: 5, retryAfter: () => 0 },
    awaitPower: createAwaitPower({ store, wakeUp, measuredPower: (order, seconds) => (order.spec.flavor ? 10 / seconds : undefined) }),
  });
  const measure = createMeasureWorker({ store, probe, tryMs: 20_000, wakeUp, wakeLater: (duty) => void woken.push(`${duty} later`), checkpoints, count: (end) => void told.push(end), log: silentLogger });
  const { signal } = new AbortController();
  return { store, told, woken, look: () => monitor(undefined, signal), measure: () => measure(signal) };
}
const keeping = (seconds: number): MeasureOptions['probe'] => async (_machine, { keep }) => {
  await keep(seconds);
  return { ...MEASURED, seconds };
};

const { sizeOf, BENCHMARK } = { sizeOf: createSizeOf([{ name: 'small', vcpu: 1, ramMb: 512, diskGb: 5 }]), BENCHMARK: { powerOf: () => 0.5 } };
/** Power of a machine of the accounts: power × seconds over seconds. */
async function accounted(): Promise<number> {
  await sql`insert into order_history (order_id, to_state, event, incarnation, at) select order_id, 'closed', 'lost', incarnation, at + interval '10 s' from order_history where to_state = 'fulfilled'`.execute(database);
  const [line] = await createListAccounting({ database, sizeOf, powerOf: createPowerOf(sizeOf, BENCHMARK) })();
  return (line?.powerSeconds ?? 0) / (line?.seconds ?? 1);
}

describe('an order', () => {
  it('waits for the measurement of its machine, and counts by it from then on', async () => {
    const manager = await newManager(keeping(2));
    const one = await spawning();
    await manager.store.expect(lifeOf(one));
    await manager.look();
    expect(await orders.get(one.id)).toMatchObject({ state: 'spawning', reason: 'the machine runs, and is being measured' });
    expect(manager.woken).toEqual(['measure-power']);
    await manager.measure();
    expect([manager.told, manager.woken.at(-1)]).toEqual([['measured'], 'monitor-instances']);
    await manager.look();
    expect(await orders.get(one.id)).toMatchObject({ state: 'fulfilled', instance: { power: { value: 5, seconds: 2 } } });
    // Whatever is looked at later does not lose it, and another benchmark does not count anew what was measured.
    await manager.look();
    expect((await orders.get(one.id))?.instance?.power).toEqual({ value: 5, seconds: 2 });
    expect(await accounted()).toBeCloseTo(5);
  });

  it.each<[string, ProbeOutcome, MeasurementEnd]>([
    ['hangs', { kind: 'failed', why: 'timed-out', reason: 'x' }, 'timed-out'],
    ['breaks', { kind: 'failed', why: 'broken', reason: 'x' }, 'broken'],
    ['shows another host key', { kind: 'failed', why: 'wrong-host-key', reason: 'x' }, 'wrong-host-key'],
  ])('whose machine %s counts by its size and lacks nothing', async (_name, outcome, end) => {
    const manager = await newManager(() => Promise.resolve(outcome));
    const one = await spawning();
    await manager.store.expect(lifeOf(one));
    for (const step of [manager.look, manager.measure, manager.look]) await step();
    const seen = await orders.get(one.id);
    expect([seen?.state, seen?.instance?.power, seen?.failedBoots, manager.told]).toEqual(['fulfilled', undefined, 0, [end]]);
    expect(await accounted()).toBeCloseTo(0.5);
  });

  it('whose machine lets nobody in is let through after a while, and its boot deadline has no say in that', async () => {
    // Less time is left than a try may take.
    const manager = await newManager(() => Promise.resolve(AWAY), { patienceMs: 15_000 });
    const one = await spawning();
    await manager.store.expect(lifeOf(one));
    for (const step of [manager.look, manager.measure, manager.look, manager.measure]) await step();
    expect((await orders.get(one.id))?.state).toBe('spawning');
    expect(manager.woken).toContain('measure-power later');
    await sql`update measurements set until = now()`.execute(database);
    await manager.measure();
    expect(manager.told).toEqual(['late']);
    await manager.look();
    expect(await orders.get(one.id)).toMatchObject({ state: 'fulfilled', failedBoots: 0 });
  });

  it('is let through though no worker measures at all', async () => {
    const manager = await newManager(keeping(1), { patienceMs: 0 });
    const one = await spawning();
    await manager.store.expect(lifeOf(one));
    for (const step of [manager.look, manager.look]) await step();
    expect((await orders.get(one.id))?.state).toBe('fulfilled');
  });

  it('of a machine that was not made to be measured waits for nothing', async () => {
    const manager = await newManager(keeping(1));
    const one = await spawning();
    await manager.look();
    expect((await orders.get(one.id))?.state).toBe('fulfilled');
    expect(manager.woken).toEqual([]);
  });

  it('gets the result that its worker took to the grave, also when the machine has forgotten the key by then', async () => {
    const dead = await newManager(async (_machine, { keep }) => {
      await keep(4);
      throw new Error('killed');
    });
    const one = await spawning();
    await dead.store.expect(lifeOf(one));
    await dead.look();
    await expect(dead.measure()).rejects.toThrow('killed');
    await dies(dead.store.workerId);
    const heir = await newManager(() => Promise.resolve({ kind: 'away', why: 'refused', reason: 'x' }));
    await heir.measure();
    await heir.look();
    expect((await orders.get(one.id))?.instance?.power).toEqual({ value: 2.5, seconds: 4 });
    expect(heir.told).toEqual(['measured']);
  });

  it.each(['on-measured', 'after-measured'] as const)('whose worker dies at %s is measured once', async (step) => {
    let [runs, result]: [number, number | undefined] = [0, undefined];
    // The machine measures once, and keeps the result until it is told that somebody else has it.
    const machine: MeasureOptions['probe'] = async (_machine, { keep }) => {
      if (result === undefined) runs += 1;
      result ??= 2;
      await keep(result);
      return MEASURED;
    };
    const dead = await newManager(machine, {}, { reach: (reached) => { if (reached === step) throw new Error('killed'); } });
    const one = await spawning();
    await dead.store.expect(lifeOf(one));
    await dead.look();
    await expect(dead.measure()).rejects.toThrow('killed');
    await dies(dead.store.workerId);
    const heir = await newManager(machine);
    await heir.measure();
    await heir.look();
    expect([(await orders.get(one.id))?.instance?.power, runs]).toEqual([{ value: 5, seconds: 2 }, 1]);
  });

  it('is measured by one of many workers, and no more machines are at once than may be', async () => {
    let [now, most]: [number, number] = [0, 0];
    const seen: string[] = [];
    const machine: MeasureOptions['probe'] = async ({ orderId }, { keep }) => {
      now += 1;
      most = Math.max(most, now);
      seen.push(orderId);
      await keep(1);
      now -= 1;
      return { ...MEASURED, seconds: 1 };
    };
    const managers = await Promise.all(Array.from({ length: 4 }, () => newManager(machine, { atOnce: 3 })));
    const all = await Promise.all(Array.from({ length: 12 }, () => spawning()));
    for (const one of all) await managers[0]?.store.expect(lifeOf(one));
    await managers[0]?.look();
    // A worker that finds all turns taken is woken when one is over.
    for (let round = 0; round < 12; round++) await Promise.all(managers.map(({ measure }) => measure()));
    await managers[1]?.look();
    expect([seen.length, new Set(seen).size, most <= 3]).toEqual([12, 12, true]);
    for (const one of all) expect((await orders.get(one.id))?.state).toBe('fulfilled');
  });

  it('goes on without a result that comes too late', async () => {
    const manager = await newManager(async (machine, { keep }) => {
      await sql`update measurements set until = now() where order_id = ${machine.orderId}`.execute(database);
      await manager.store.endLate();
      await keep(1);
      return MEASURED;
    });
    const one = await spawning();
    await manager.store.expect(lifeOf(one));
    for (const step of [manager.look, manager.measure, manager.look]) await step();
    expect((await orders.get(one.id))?.instance?.power).toBeUndefined();
    expect(manager.told).toEqual([]);
  });
});
