import type { OrderRecord } from '../orders/order-record.js';
import { MAX_FAILED_BOOTS } from './compose-process.js';
import type { MemoryTables } from './memory-tables.js';
import type { Promised, Promises } from './promises.js';
import type { InstanceWatch } from './watch-instances.js';

export interface FinalView {
  readonly promises: Promises;
  readonly members: readonly string[];
  tables(member: string): MemoryTables;
  readonly watch: InstanceWatch;
}

export interface Fault {
  readonly orderId: string;
  readonly text: string;
}

/** What is not settled. After the storm this becomes empty within a bound and stays so. */
export function finalFaults(view: FinalView): Fault[] {
  return [
    ...[...view.promises.values()].flatMap((promised) => faultsOfOrder(view, promised)),
    ...view.members.flatMap((member) => faultsOfMember(view, member)),
    ...view.watch.all().filter((thing) => !isServed(view, thing.orderId, thing.member)).map((thing) => ({ orderId: thing.orderId, text: `${thing.id} at ${thing.member} belongs to nobody` })),
  ];
}

const orderOf = ({ tables }: FinalView, { id, member }: Promised): OrderRecord | undefined => tables(member).orders.get(id)?.order;

function isServed(view: FinalView, orderId: string, member: string): boolean {
  const promised = view.promises.get(orderId);
  const order = promised && orderOf(view, promised);
  return order?.state === 'fulfilled' && order.provider === member;
}

function faultsOfOrder(view: FinalView, promised: Promised): Fault[] {
  const order = orderOf(view, promised);
  const fault = (text: string): Fault[] => [{ orderId: promised.id, text: `order ${promised.id} of ${promised.member} ${text}` }];
  if (!order) return promised.isTaken && !promised.mayGo ? fault('is lost') : [];
  if (promised.mustGo) return fault(`was deleted and is ${order.state}`);
  switch (order.state) {
    case 'fulfilled': return faultsOfFulfilled(view, order, fault);
    case 'closed': return promised.mayClose || order.validUntil ? [] : fault(`is closed, but nobody took its instance: ${order.reason}`);
    case 'failed': return mayFail(view, order) ? [] : fault(`failed: ${order.reason}`);
    case 'open': case 'pending': case 'spawning': case 'deleted': return fault(`is ${order.state} (${order.incarnation}, ${order.provider}): ${order.reason}`);
  }
}

function faultsOfFulfilled({ watch, tables }: FinalView, order: OrderRecord, fault: (text: string) => Fault[]): Fault[] {
  const things = watch.of(order.id);
  const [only] = things;
  if (things.length !== 1 || only?.id !== order.instance?.id || only?.member !== order.provider) return fault(`is fulfilled by ${order.instance?.id}@${order.provider}, and there is ${things.map(({ id, member }) => `${id}@${member}`).join(', ') || 'nothing'}`);
  if (order.provider === order.requester) return [];
  const served = tables(order.provider ?? '').orders.get(order.id)?.order;
  return served?.state === 'fulfilled' && served.incarnation === order.incarnation && served.requester === order.requester ? [] : fault(`is served by ${order.provider}, which knows it as ${served?.state}`);
}

/** What needs others fails with them; anything may be unlucky five times. */
const mayFail = ({ promises }: FinalView, { id, failedBoots, failure }: OrderRecord): boolean =>
  failedBoots >= MAX_FAILED_BOOTS || (promises.get(id)?.submission.spec !== undefined && needsOthers(promises.get(id)) && (failure === 'not-found' || failure === 'conflict'));
const needsOthers = (promised: Promised | undefined): boolean => promised?.submission.spec.networkOrderIds !== undefined || promised?.submission.spec.attachment !== undefined;

function faultsOfMember(view: FinalView, member: string): Fault[] {
  const { orders, releases } = view.tables(member);
  const foreign = [...orders.values()].map(({ order }) => order).filter((order) => order.requester !== member && !isServed(view, order.id, member));
  const held = [...orders.values()].filter(({ order, leaseOwner }) => order.state !== 'open' && leaseOwner !== undefined);
  return [
    ...foreign.map((order) => ({ orderId: order.id, text: `${member} still serves order ${order.id}: ${order.state}` })),
    ...held.map(({ order }) => ({ orderId: order.id, text: `order ${order.id} of ${member} is ${order.state} and still held` })),
    ...[...releases.values()].map(({ orderId, incarnation, member: where }) => ({ orderId, text: `${member} still releases ${incarnation} of ${orderId} at ${where}` })),
  ];
}
