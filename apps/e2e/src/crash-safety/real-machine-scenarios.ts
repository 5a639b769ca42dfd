import { awaitEvent } from '../await-event.js';
import type { OrderView } from '../api-client.js';
import { awaitFulfilled, awaitNothingLeft, order, removeOrders } from './order-and-delete.js';
import type { Scenario } from './run-scenarios.js';
import { askRedis } from './sites.js';
import type { World } from './start-world.js';
import type { StepCase } from './step-scenarios.js';

/** The steps that only machines with a tunnel reach, and some that are worth a second look with them. A has room for two. */
export const REAL_MACHINE_STEPS: readonly StepCase[] = [
  { step: 'after-grant', who: 'home', during: 'order' },
  { step: 'after-grant', who: 'abroad', during: 'order' },
  { step: 'after-cloud-call', who: 'home', during: 'order' },
  { step: 'after-accepted', who: 'home', during: 'order' },
  { step: 'on-service-up', who: 'home', during: 'order' },
  { step: 'on-service-up', who: 'abroad', during: 'order' },
  { step: 'before-release', who: 'home', during: 'delete' },
  { step: 'after-remove', who: 'home', during: 'delete' },
  { step: 'after-remove', who: 'abroad', during: 'delete' },
];

/** The steps of a member that measures its machines. */
export const MEASURING_STEPS: readonly StepCase[] = [
  { step: 'on-measured', who: 'home', during: 'order' },
  { step: 'after-measured', who: 'home', during: 'order' },
  { step: 'on-measured', who: 'abroad', during: 'order' },
];

interface Fault {
  readonly name: string;
  strike(world: World): Promise<void>;
  /** Whether it strikes before the machines are up. */
  readonly early?: true;
}

const tunnels = ['tunnel-a', 'tunnel-b'];
const FAULTS: readonly Fault[] = [
  { name: 'Redis wiped while machines boot', early: true, strike: flush },
  { name: 'both tunnels killed while machines boot', early: true, strike: (world) => restartAll(world, tunnels) },
  { name: 'Redis wiped and both tunnels killed', strike: async (world) => {
    await world.control.kill(...tunnels);
    await flush(world);
    await Promise.all(tunnels.map((name) => world.control.start(name)));
  } },
  { name: 'Redis wiped, then all of a member killed', strike: async (world) => {
    await flush(world);
    await restartAll(world, ['redis', 'tunnel-a', 'manager-a']);
  } },
];

/** Machines that were up stay the same machines at the same addresses. */
export function realMachineScenarios(world: World): Scenario[] {
  return FAULTS.map(({ name, strike, early }) => ({
    name: `${name} (real machines)`,
    async run() {
      const orders = await order(world, 3);
      if (early) await awaitEvent('machines are on their way', async () => (await world.home.machines()).length > 0, { timeoutMs: 10_000, everyMs: 10 });
      else await awaitFulfilled(world, orders);
      const before = await addresses(world);
      await strike(world);
      const struck = performance.now();
      await awaitFulfilled(world, orders);
      const recovery = performance.now() - struck;
      const after = await addresses(world);
      if (!early && JSON.stringify(before) !== JSON.stringify(after)) throw new Error(`machines or addresses changed: ${JSON.stringify({ before, after })}`);
      await removeOrders(world, orders);
      await awaitNothingLeft(world);
      return `${(recovery / 1000).toFixed(1)} s`;
    },
  }));
}

async function addresses({ home }: World): Promise<Pick<OrderView, 'id' | 'instanceId' | 'ssh'>[]> {
  return (await home.api.list()).map(({ id, instanceId, ssh }) => ({ id, ...(instanceId ? { instanceId } : {}), ...(ssh ? { ssh } : {}) }));
}

async function flush(world: World): Promise<void> {
  await askRedis(world.redisUrl, 'FLUSHALL');
}

async function restartAll({ control }: World, names: readonly string[]): Promise<void> {
  await control.kill(...names);
  await Promise.all(names.map((name) => control.start(name)));
}
