import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId, ResourceKind, UserRef } from '@fogbow/request-model';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { PowerAction } from '@fogbow/plugin-contracts';
import type { ActOnMachine } from './act-on-machine.js';
import { markDeleted } from './delete-order.js';
import type { DeleteOptions } from './delete-order.js';
import { loadNeeds } from './load-needs.js';
import type { Needs } from './load-needs.js';
import { moveBy, reopened } from './order-move.js';
import type { OrderRecord } from './order-record.js';
import { findOwnOrder } from './show-order.js';

/** The machines, volumes, networks and attachments of a user, whatever orders they came from. */
export interface InstanceUseCases {
  /** Newest first: those that are there, and those asked for as such that are still coming. */
  list(owner: UserRef, kind: ResourceKind): Promise<readonly OrderRecord[]>;
  /** By `<instanceId>@<member>`. Throws not-found; unauthenticated for somebody else's (spec §1.4). */
  find(owner: UserRef, kind: ResourceKind, instanceId: string, provider: MemberId): Promise<OrderRecord>;
  /** By the order that it came from; throws not-found. */
  findByOrder(owner: UserRef, kind: ResourceKind, orderId: string): Promise<OrderRecord>;
  /** It goes. A persistent order gets another one, any other ends with it (spec §2.1). Throws conflict for what other orders need. */
  remove(order: OrderRecord): Promise<void>;
  /** All of a kind, as `remove`. Throws conflict, with their ids, when some had to stay. */
  removeAll(owner: UserRef, kind: ResourceKind): Promise<void>;
  act(order: OrderRecord, action: PowerAction): Promise<void>;
  /** What these are joined to. */
  needs(orders: readonly OrderRecord[]): Promise<Needs>;
}

export interface InstanceOptions extends DeleteOptions {
  readonly database: Kysely<unknown>;
  readonly act: ActOnMachine;
}

const PAGE = 500;

export function createInstanceUseCases(options: InstanceOptions): InstanceUseCases {
  const { self, store } = options;
  const list = (owner: UserRef, kind: ResourceKind): Promise<OrderRecord[]> => listInstances(options, owner, kind);
  const remove = (order: OrderRecord): Promise<void> => removeInstance(options, order);
  return {
    list,
    remove,
    async removeAll(owner, kind) {
      const inTheWay = new Set<string>();
      for (const order of await list(owner, kind)) await remove(order).catch((error: unknown) => { for (const id of idsInTheWay(error)) inTheWay.add(id); });
      const ids = [...inTheWay];
      if (ids.length > 0) throw new FogbowError('conflict', `Some are in use by ${ids.join(', ')}; delete that first.`, { ids });
    },
    needs: (orders) => loadNeeds(store, orders),
    async find(owner, kind, instanceId, provider) {
      const ids = await ordersOfInstance(options.database, instanceId, provider, self);
      const orders = (await store.getMany(ids)).filter((order) => order.kind === kind && isInstance(order));
      const own = orders.find((order) => order.owner.id === owner.id);
      if (own) return own;
      throw orders.length > 0 ? new FogbowError('unauthenticated', 'Unauthorized user.') : notFound();
    },
    async findByOrder(owner, kind, orderId) {
      const order = await findOwnOrder(options, owner, orderId);
      if (order.kind !== kind || !isInstance(order)) throw notFound();
      return order;
    },
    act: options.act,
  };
}

async function listInstances({ self, store }: InstanceOptions, owner: UserRef, kind: ResourceKind): Promise<OrderRecord[]> {
  const found: OrderRecord[] = [];
  for (let after: { createdAt: Date; id: string } | undefined; ;) {
    const page = await store.list({ requester: self, ownerId: owner.id, kind, limit: PAGE, ...(after ? { after } : {}) });
    found.push(...page.filter(isInstance));
    after = page.at(-1);
    if (!after || page.length < PAGE) return found;
  }
}

/** Only what is in the way of one leaves the others alone. */
function idsInTheWay(error: unknown): readonly string[] {
  if (isFogbowError(error) && error.code === 'conflict' && error.ids) return error.ids;
  throw error;
}

const notFound = (): FogbowError => new FogbowError('not-found', 'Resource not found.');

function isInstance({ state, instance, spec }: OrderRecord): boolean {
  if (state === 'spawning' || state === 'fulfilled') return instance !== undefined || spec.asInstance === true;
  return spec.asInstance === true && (state === 'open' || state === 'pending' || state === 'failed');
}

async function ordersOfInstance(database: Kysely<unknown>, instanceId: string, provider: MemberId, requester: MemberId): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from orders where instance ->> 'id' = ${instanceId} and instance is not null and provider = ${provider} and requester = ${requester} limit 10`.execute(database);
  return rows.map(({ id }) => id);
}

/** Only what its owner could use counts as lost by its removal; what is on its way ends its order. */
export async function removeInstance(options: DeleteOptions, order: OrderRecord): Promise<void> {
  const { provider, kind } = order;
  const reason = `its ${NOUN_OF_KIND[kind]} was deleted by its owner`;
  if (order.state !== 'fulfilled' || order.spec.asInstance || !provider) return await markDeleted(options, order, reason, { unlessNeeded: true });
  const move = order.type === 'persistent'
    ? moveBy(order, 'lost-reopened', `${reason}; another is ordered`, { patch: reopened(order), release: [provider] })
    : moveBy(order, 'lost', reason, { patch: { connected: false }, release: [provider] });
  const moved = await options.store.moveUnlessNeeded(move, kind);
  if (!moved.has(order.id)) throw new FogbowError('conflict', `The ${NOUN_OF_KIND[kind]} changed meanwhile; look at it again.`);
  options.wakeUp('release-instances');
  options.wakeUp('place-orders');
}
