import type { OpenStackSite, RunningOpenStack } from '@fogbow/embedded-servers';
import type { ApiClient, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { NovaDoor } from './nova-door.js';
import type { NovaEyes } from './nova-eyes.js';

/** What the chapters work with: the cloud, the member's Manager as its user sees it, and the truth of Nova. */
export interface Lab {
  readonly cloud: RunningOpenStack;
  readonly site: OpenStackSite;
  readonly home: ApiClient;
  readonly eyes: NovaEyes;
  /** Through it the Manager asks Nova. */
  readonly door: NovaDoor;
}

/** All services share two cores with whatever else this host does. */
export const PATIENCE = { timeoutMs: 180_000, everyMs: 500 };

export async function awaitOrder({ home }: Pick<Lab, 'home'>, id: string, what: string, holds: (order: OrderView) => boolean): Promise<OrderView> {
  let seen: OrderView | undefined;
  return await awaitEvent(what, async () => {
    seen = await home.show(id);
    return seen !== undefined && holds(seen) && seen;
  }, { ...PATIENCE, seen: () => seen && { state: seen.state, reason: seen.reason, failure: seen.failure, history: seen.history?.map(({ to, reason }) => `${to}: ${reason ?? ''}`) } });
}

export const awaitFulfilled = (lab: Pick<Lab, 'home'>, id: string): Promise<OrderView> => awaitOrder(lab, id, `order ${id} is fulfilled`, ({ state }) => state === 'fulfilled');

/** Every reason that the order ever gave, the last at the end. */
export const reasonsOf = ({ history = [], reason }: OrderView): string => [...history.map((move) => move.reason ?? ''), reason ?? ''].join('\n');

/** A story that was killed has left its servers; the next Manager has another database and would take them for orphans only by and by. */
export async function emptyProject({ admin, servers }: NovaEyes): Promise<void> {
  for (const { id } of await servers()) await admin.ask('compute', 'DELETE', `/servers/${id}`).catch(() => undefined);
  await awaitEvent('the project is empty', async () => (await servers()).length === 0, PATIENCE);
}

/** All orders deleted, and nothing of ours left in the project. */
export async function sweep({ home, eyes }: Pick<Lab, 'home' | 'eyes'>): Promise<void> {
  await home.removeAll();
  let left: unknown;
  await awaitEvent('nothing of ours is left in the project', async () => {
    left = await eyes.count();
    return Object.values(left as Record<string, number>).every((count) => count === 0);
  }, { ...PATIENCE, seen: () => left });
}
