import { needsOf, NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId, OrderState } from '@fogbow/request-model';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { Needs } from './load-needs.js';
import type { OrderRecord } from './order-record.js';

/** What the instances that an order needs say about its place. */
export type Binding =
  | { readonly kind: 'free' }
  /** It can only live there. `uses`: the ids in that member's cloud, by order. `cloud`: of several clouds of ours, where it is not the first. */
  | { readonly kind: 'at'; readonly member: MemberId; readonly uses: Uses; readonly cloud?: string; readonly because: string }
  | { readonly kind: 'wait'; readonly reason: string }
  | { readonly kind: 'never'; readonly code: ErrorCode; readonly reason: string };

/** Ids of instances inside their cloud, by the orders that they came from. */
export type Uses = ReadonlyMap<string, string>;
export const NO_USES: Uses = new Map();

const ON_THE_WAY: readonly OrderState[] = ['open', 'pending', 'spawning'];

/** Pure. Instances are joined within one cloud only, and only those of one owner. */
export function bindOrder(order: Pick<OrderRecord, 'spec' | 'requester' | 'owner'>, needs: Needs): Binding {
  const wanted = needsOf(order.spec);
  if (wanted.length === 0) return { kind: 'free' };
  const found = wanted.map((id) => ({ id, other: needs.get(id) }));
  const missing = found.find(({ other }) => !other || other.requester !== order.requester || other.owner.id !== order.owner.id || isOver(other));
  if (missing) return { kind: 'never', code: 'not-found', reason: `what it needs is gone: ${nameOf(missing.id, missing.other)}` };
  const there = found.map(({ other }) => other as OrderRecord);
  const coming = there.find(({ state, instance, provider }) => ON_THE_WAY.includes(state) || !instance || !provider);
  if (coming) return { kind: 'wait', reason: `it waits for ${nameOf(coming.id, coming)}` };
  const members = [...new Set(there.map(({ provider }) => provider as MemberId))];
  const [member = ''] = members;
  if (members.length > 1) return { kind: 'never', code: 'conflict', reason: `what it needs is at different members (${members.join(', ')}), and only things of one cloud can be joined` };
  const clouds = [...new Set(there.map(({ instance }) => instance?.cloud))];
  const [cloud] = clouds;
  if (clouds.length > 1) return { kind: 'never', code: 'conflict', reason: `what it needs is in different clouds of ${member} (${clouds.map((name) => name ?? 'the first').join(', ')}), and only things of one cloud can be joined` };
  return { kind: 'at', member, ...(cloud === undefined ? {} : { cloud }), uses: new Map(there.map(({ id, instance }) => [id, instance?.id ?? ''])), because: `${nameOf(there[0]?.id ?? '', there[0])} is at ${member}` };
}

const isOver = ({ state }: OrderRecord): boolean => state === 'deleted' || state === 'closed' || state === 'failed';
const nameOf = (id: string, order: OrderRecord | undefined): string => `${order ? NOUN_OF_KIND[order.kind] : 'order'} ${id}`;

/** The ids that an order's question to a cloud or a peer names; none while they are not known. */
export function usesOf(order: Pick<OrderRecord, 'spec' | 'requester' | 'owner'>, needs: Needs): Uses {
  const binding = bindOrder(order, needs);
  return binding.kind === 'at' ? binding.uses : NO_USES;
}
