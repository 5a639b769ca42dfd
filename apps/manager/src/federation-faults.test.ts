import { randomInt } from 'node:crypto';
import { parseClientToken } from '@fogbow/request-model';
import { eventually } from './testing/start-manager.js';
import { startFederation } from './testing/start-federation.js';
import type { TestFederation, TestMember } from './testing/start-federation.js';

jest.setTimeout(60_000);

interface OrderView { id: string; state: string; type: string; instanceId?: string }

const SEED = Number(process.env['TEST_SEED'] ?? randomInt(2 ** 31));
/** Counted, not timed: a busy machine has the same storm as an idle one. */
const STORM_STEPS = 120;
const MOST_ORDERS = 40;

/** mulberry32: small, and the same everywhere. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}

const ordersOf = async (member: TestMember): Promise<OrderView[]> => (await member.client.get<{ orders: OrderView[] }>('/v1/orders', { params: { limit: 500 } })).data.orders;

/** One random thing that may happen to a federation. */
function happenings(federation: TestFederation, roll: (sides: number) => number, submitted: { orders: number }): (() => Promise<unknown>)[] {
  const member = (): TestMember => federation.members[roll(federation.members.length)] as TestMember;
  let left = MOST_ORDERS;
  const submit = async (): Promise<void> => {
    const count = Math.min(left, 1 + roll(2));
    left -= count;
    if (count === 0) return;
    const { status } = await member().client.post('/v1/orders', { type: roll(2) ? 'persistent' : 'one-time', count });
    if (status === 201) submitted.orders += count;
  };
  const harmMachine = async (how: string): Promise<void> => {
    const { manager, machines } = member();
    const all = await machines();
    const victim = all[roll(Math.max(all.length, 1))];
    // It may be gone by now: the storm removes machines as well.
    if (victim) await manager.control.post(`/instances/${victim.id}/${how}`, undefined, { validateStatus: (status) => status < 300 || status === 404 });
  };
  return [
    submit, submit, submit, submit,
    async () => {
      const { client } = member();
      const orders = (await client.get<{ orders: OrderView[] }>('/v1/orders')).data.orders;
      const victim = orders[roll(Math.max(orders.length, 1))];
      if (victim) await client.delete(`/v1/orders/${victim.id}`);
    },
    () => harmMachine('vanish'),
    () => harmMachine('fail'),
    () => member().manager.control.post('/tokens/expire'),
    () => member().manager.control.put('/knobs', { refuse: ['none', 'no-valid-host', 'cloud-unavailable'][roll(3)], refuseCount: 2 }),
    () => member().manager.control.put('/knobs', { createDelay: roll(300), outage: false }),
    () => member().manager.control.put('/knobs', { outage: roll(3) === 0 }),
    async () => federation.network.cut(member().id),
    async () => federation.network.restore(member().id),
    async () => federation.network.restore(member().id),
  ];
}

async function calm(federation: TestFederation): Promise<void> {
  federation.network.setFate(undefined);
  for (const { id, manager } of federation.members) {
    federation.network.restore(id);
    await manager.control.put('/knobs', { refuse: 'none', createDelay: 0, outage: false });
  }
}

/** What is wrong, in words; empty when every live order has one machine and there is no other machine. */
async function faults(federation: TestFederation): Promise<string[]> {
  const orders = (await Promise.all(federation.members.map(ordersOf))).flat();
  const unsettled = orders.filter((order) => !['fulfilled', 'closed', 'failed'].includes(order.state)).map((order) => `${order.id} is ${order.state}`);
  const wanted = orders.filter((order) => order.state === 'fulfilled').map((order) => String(order.instanceId));
  const machines = await Promise.all(federation.members.map(async ({ id, machines: list }) => (await list()).map((machine) => {
    const named = parseClientToken(id, machine.clientToken);
    return { global: `${machine.id}@${id}`, order: named?.orderId };
  })));
  const there = new Set(machines.flat().map((machine) => machine.global));
  return [
    ...unsettled,
    ...wanted.filter((id) => !there.has(id)).map((id) => `${id} is missing`),
    ...machines.flat().filter((machine) => !wanted.includes(machine.global)).map((machine) => `${machine.global} of ${machine.order ?? 'nobody'} is not wanted`),
  ];
}

describe(`a federation in a storm of faults (TEST_SEED=${SEED})`, () => {
  let federation: TestFederation;
  beforeAll(async () => { federation = await startFederation([{ maxInstances: 4 }, { maxInstances: 4 }, {}]); });
  afterAll(() => federation.stop());

  test('ends with one machine for each live order and no other', async () => {
    const roll = dice(SEED);
    federation.network.setFate(() => [{}, {}, {}, {}, {}, { lose: true }, { duplicate: true }, { delayMs: roll(400) }][roll(8)] ?? {});
    const submitted = { orders: 0 };
    const all = happenings(federation, roll, submitted);
    for (let step = 0; step < STORM_STEPS; step += 1) {
      await (all[roll(all.length)] as () => Promise<unknown>)();
      // The storm has gusts: some things happen at the same moment, some a while apart.
      if (roll(3) === 0) await new Promise((resolve) => setTimeout(resolve, roll(60)));
    }
    await calm(federation);
    await eventually(() => faults(federation), (found) => found.length === 0, 30_000);
    expect(submitted.orders).toBeGreaterThan(5);
  });
});
