import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId, UserRef } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { PowerAction } from '@fogbow/plugin-contracts';
import type { ActOnMachine } from './act-on-machine.js';
import { markDeleted } from './delete-order.js';
import type { DeleteOptions } from './delete-order.js';
import { moveBy, reopened } from './order-move.js';
import type { OrderRecord } from './order-record.js';
import { findOwnOrder } from './show-order.js';

/** The machines of a user, whatever orders they came from. */
export interface InstanceUseCases {
  /** Newest first: machines that are there, and those asked for as machines that are still coming. */
  list(owner: UserRef): Promise<readonly OrderRecord[]>;
  /** By `<instanceId>@<member>`. Throws not-found; unauthenticated for somebody else's (spec §1.4). */
  find(owner: UserRef, instanceId: string, provider: MemberId): Promise<OrderRecord>;
  /** By the order that it came from; throws not-found. */
  findByOrder(owner: UserRef, orderId: string): Promise<OrderRecord>;
  /** The machine goes. A persistent order gets another one, any other ends with it (spec §2.1). */
  remove(order: OrderRecord): Promise<void>;
  act(order: OrderRecord, action: PowerAction): Promise<void>;
}

export interface InstanceOptions extends DeleteOptions {
  readonly database: Kysely<unknown>;
  readonly act: ActOnMachine;
}

const PAGE = 500;

export function createInstanceUseCases(options: InstanceOptions): InstanceUseCases {
  const { self, store } = options;
  return {
    async list(owner) {
      const found: OrderRecord[] = [];
      for (let after: { createdAt: Date; id: string } | undefined; ;) {
        const page = await store.list({ requester: self, ownerId: owner.id, limit: PAGE, ...(after ? { after } : {}) });
        found.push(...page.filter(isMachine));
        after = page.at(-1);
        if (!after || page.length < PAGE) return found;
      }
    },
    async find(owner, instanceId, provider) {
      const ids = await ordersOfInstance(options.database, instanceId, provider, self);
      const orders = (await store.getMany(ids)).filter(isMachine);
      const own = orders.find((order) => order.owner.id === owner.id);
      if (own) return own;
      throw orders.length > 0 ? new FogbowError('unauthenticated', 'Unauthorized user.') : notFound();
    },
    async findByOrder(owner, orderId) {
      const order = await findOwnOrder(options, owner, orderId);
      if (!isMachine(order)) throw notFound();
      return order;
    },
    remove: (order) => removeMachine(options, order),
    act: options.act,
  };
}

const notFound = (): FogbowError => new FogbowError('not-found', 'Resource not found.');

function isMachine({ kind, state, instance, spec }: OrderRecord): boolean {
  if (kind !== 'compute') return false;
  if (state === 'spawning' || state === 'fulfilled') return instance !== undefined || spec.asInstance === true;
  return spec.asInstance === true && (state === 'open' || state === 'pending' || state === 'failed');
}

async function ordersOfInstance(database: Kysely<unknown>, instanceId: string, provider: MemberId, requester: MemberId): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from orders where instance ->> 'id' = ${instanceId} and instance is not null and provider = ${provider} and requester = ${requester} limit 10`.execute(database);
  return rows.map(({ id }) => id);
}

/** Only a machine that its owner could use counts as lost by its removal; one on its way ends its order. */
async function removeMachine(options: DeleteOptions, order: OrderRecord): Promise<void> {
  const { provider } = order;
  if (order.state !== 'fulfilled' || order.spec.asInstance || !provider) return await markDeleted(options, order, 'its machine was deleted by its owner');
  const move = order.type === 'persistent'
    ? moveBy(order, 'lost-reopened', 'its machine was deleted by its owner; another is ordered', { patch: reopened(order), release: [provider] })
    : moveBy(order, 'lost', 'its machine was deleted by its owner', { patch: { connected: false }, release: [provider] });
  const moved = await options.store.move([move]);
  if (!moved.has(order.id)) throw new FogbowError('conflict', 'The machine changed meanwhile; look at it again.');
  options.wakeUp('release-instances');
  options.wakeUp('place-orders');
}
