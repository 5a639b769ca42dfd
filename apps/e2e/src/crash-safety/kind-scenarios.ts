import { randomUUID } from 'node:crypto';
import { awaitEvent } from '../await-event.js';
import { PLAIN_CLOUD } from './sites.js';
import type { NewOrder } from '../api-client.js';
import { awaitFulfilled, awaitNothingLeft, removeOrders } from './order-and-delete.js';
import type { Scenario } from './run-scenarios.js';
import type { World } from './start-world.js';
import { crashAndRestart } from './step-scenarios.js';
import type { Who } from './step-scenarios.js';

interface Crash {
  readonly step: string;
  readonly who: Who;
}

/**
 * A network, a volume and a machine, then a machine on the network and an attachment, then the end of all: with a crash in each of the three.
 * `where` is the member at which they live.
 */
interface KindLife {
  readonly where: Who;
  readonly order: Crash;
  readonly removal: Crash;
}

const at = (who: Who, step: string): Crash => ({ who, step });

/** Every step that matters, for every kind, at home and abroad. */
export const KIND_LIVES: readonly KindLife[] = [
  { where: 'home', order: at('home', 'after-claim'), removal: at('home', 'after-mark-deleted') },
  { where: 'home', order: at('home', 'before-cloud-call'), removal: at('home', 'before-release') },
  { where: 'home', order: at('home', 'after-cloud-call'), removal: at('home', 'after-remove') },
  { where: 'home', order: at('home', 'after-accepted'), removal: at('home', 'after-release') },
  { where: 'abroad', order: at('home', 'after-post-order'), removal: at('home', 'after-mark-deleted') },
  { where: 'abroad', order: at('home', 'on-answer'), removal: at('home', 'before-release') },
  { where: 'abroad', order: at('abroad', 'after-store-served'), removal: at('home', 'after-release') },
  { where: 'abroad', order: at('abroad', 'after-claim'), removal: at('abroad', 'after-mark-deleted') },
  { where: 'abroad', order: at('abroad', 'before-cloud-call'), removal: at('abroad', 'before-release') },
  { where: 'abroad', order: at('abroad', 'after-cloud-call'), removal: at('abroad', 'after-remove') },
  { where: 'abroad', order: at('abroad', 'after-accepted'), removal: at('abroad', 'after-release') },
  { where: 'abroad', order: at('abroad', 'before-answer'), removal: at('abroad', 'after-remember-removed') },
];

const NAME: Readonly<Record<Who, string>> = { home: 'A', abroad: 'B' };

export function kindScenario(world: World, life: KindLife): Scenario {
  const { where, order, removal } = life;
  return { name: `all kinds at ${NAME[where]}: ${order.step} at ${NAME[order.who]}, ${removal.step} at ${NAME[removal.who]} (deletion)`, run: () => live(world, life) };
}

async function live(world: World, { where, order, removal }: KindLife): Promise<string> {
  await Promise.all([world.home, world.abroad].map((site) => site.turn({ ...PLAIN_CLOUD, maxInstances: null })));
  const requirements = `Glue2CloudComputeManagerID == "${world[where].id}"`;
  const times: number[] = [];
  const crashing = async (crash: Crash, strike: () => Promise<unknown>, held: () => Promise<void>): Promise<void> => {
    await world.control.restart(world[crash.who].manager, { FOGBOW_CRASH_AT: crash.step });
    // Side by side: on a busy host the crash may come while orders are still being taken, and then they are sent again.
    const striking = strike();
    striking.catch(() => undefined);
    await crashAndRestart(world, crash);
    const restarted = performance.now();
    await striking;
    await held();
    times.push(performance.now() - restarted);
  };
  const ids: string[] = [];
  const ordering = (wishes: () => readonly NewOrder[]): Promise<void> =>
    crashing(order, async () => void ids.push(...await orderTogether(world, wishes())), () => awaitFulfilled(world, ids));
  await ordering(() => [{ kind: 'network', network: { cidr: '10.30.0.0/24' }, requirements }, { kind: 'storage', sizeGb: 1, requirements }, { kind: 'compute', flavor: 'fogbow_small', requirements }]);
  const [network = '', volumeOrderId = '', computeOrderId = ''] = ids;
  await ordering(() => [{ kind: 'compute', flavor: 'fogbow_small', networkOrderIds: [network] }, { kind: 'attachment', attachment: { computeOrderId, volumeOrderId } }]);
  await checkPlace(world, where);
  await crashing(removal, () => world.home.api.removeAll().catch(() => undefined), async () => {
    await removeOrders(world, ids);
    await awaitNothingLeft(world);
  });
  return times.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ');
}

/** Long enough for all to be stored before the first is placed. */
const TOGETHER_MS = 1000;

/** They become due at one moment, so that one round takes them up. What was sent twice counts once. */
async function orderTogether({ home }: World, wishes: readonly NewOrder[]): Promise<string[]> {
  const validFrom = new Date(Date.now() + TOGETHER_MS).toISOString();
  return (await Promise.all(wishes.map((wish) => {
    const key = randomUUID();
    return awaitEvent(`an order for ${wish.kind} is taken`, () => home.api.submit({ ...wish, validFrom }, key), { timeoutMs: 30_000 });
  }))).flat();
}

async function checkPlace(world: World, where: Who): Promise<void> {
  const elsewhere = (await world.home.api.list()).filter(({ providingMember }) => providingMember !== world[where].id);
  if (elsewhere.length > 0) throw new Error(`not at ${world[where].id}: ${elsewhere.map(({ id, kind, providingMember }) => `${kind} ${id} at ${providingMember}`).join(', ')}`);
}
