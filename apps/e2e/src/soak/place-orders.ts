import { setTimeout as pause } from 'node:timers/promises';
import { createApiClient } from '../api-client.js';
import type { ApiClient } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import { isPortOpen } from '../machines.js';
import type { SshUser } from '../ssh.js';
import type { TestFederation } from '../start-federation.js';
import { planOrder } from './plan-order.js';
import type { PlannedOrder } from './plan-order.js';
import type { OrderRecord } from './soak-log.js';

export interface LoadOptions {
  readonly federation: TestFederation;
  readonly user: SshUser;
  /** Orders a minute. */
  readonly rate: number;
  /** Ends the load; orders that are under way are seen through. */
  readonly signal: AbortSignal;
  seconds(): number;
  record(order: OrderRecord): void;
}

const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 400;
const HELD_MS = 4000;

/** Wishes orders at an even pace, however long each takes; resolves when the last one is gone. */
export async function placeOrders(options: LoadOptions): Promise<void> {
  const { federation, rate, signal, seconds } = options;
  const clients = { a: createApiClient(federation.member('a')), b: createApiClient(federation.member('b')) };
  const living = new Set<Promise<void>>();
  for (let index = 0; !signal.aborted; index += 1) {
    const order = liveThrough(options, clients, planOrder(index)).finally(() => living.delete(order));
    living.add(order);
    await pause(Math.max(0, ((index + 1) * 60 / rate - seconds()) * 1000), undefined, { signal }).catch(() => undefined);
  }
  await Promise.all(living);
}

type Times = { -readonly [Key in keyof OrderRecord]: OrderRecord[Key] };

/** Wished, fulfilled, looked at, deleted, gone; whatever goes wrong is written down, and the order deleted all the same. */
async function liveThrough(options: LoadOptions, clients: Readonly<Record<'a' | 'b', ApiClient>>, plan: PlannedOrder): Promise<void> {
  const { asked, look } = plan;
  const begun = performance.now();
  const since = (): number => Math.round(performance.now() - begun);
  const order: Times = { type: 'order', seconds: Math.round(options.seconds()), asked, look };
  try {
    await comeTrue(options, clients[asked], plan, order, since);
    await pause(HELD_MS);
  } catch (error) {
    order.fault = (error as Error).message;
  }
  try {
    if (order.id !== undefined) await vanish(clients[asked], order.id, order, since);
  } catch (error) {
    order.fault = [order.fault, (error as Error).message].filter(Boolean).join('; then ');
  }
  options.record(order);
}

async function comeTrue({ federation, user }: LoadOptions, client: ApiClient, { wanted, look }: PlannedOrder, order: Times, since: () => number): Promise<void> {
  const requirements = wanted === undefined ? {} : { requirements: `Glue2CloudComputeManagerID == "${federation.member(wanted).id}"` };
  const [id = ''] = await client.submit({ publicKey: user.publicKey, ...requirements });
  Object.assign(order, { id, acceptedMs: since() });
  let last = '';
  const { providingMember, ssh } = await awaitEvent(`order ${id} fulfilled`, async () => {
    const seen = await client.show(id);
    last = `${seen?.state}: ${seen?.reason}`;
    return seen?.state === 'fulfilled' && seen.ssh && { ...seen, ssh: seen.ssh };
  }, { timeoutMs: PATIENCE_MS, everyMs: LOOK_EVERY_MS, seen: () => last });
  Object.assign(order, { fulfilledMs: since(), provider: providingMember ?? '' });
  if (look === 'port' && !(await isPortOpen(ssh))) throw new Error(`the address of order ${id} does not answer`);
  if (look === 'login') {
    const { status, stderr } = await user.run(ssh, 'true');
    if (status !== 0) throw new Error(`login to order ${id}: ${status} ${stderr.trim()}`);
  }
  if (look !== 'none') order.lookedMs = since();
}

async function vanish(client: ApiClient, id: string, order: Times, since: () => number): Promise<void> {
  await client.remove(id);
  order.deletedMs = since();
  await awaitEvent(`order ${id} gone`, async () => (await client.show(id)) === undefined, { timeoutMs: PATIENCE_MS, everyMs: LOOK_EVERY_MS });
  order.goneMs = since();
}
