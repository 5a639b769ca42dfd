import type { OrderView, ResourceView, Verdict } from '../api/views.js';
import { renderAge } from './age.js';
import { renderFields, renderTable } from './table.js';
import type { Column } from './table.js';

const sshText = (order: Partial<OrderView>): string | undefined => order.ssh && `${order.ssh.username ? `${order.ssh.username}@` : ''}${order.ssh.host}:${order.ssh.port}`;
const why = (order: Partial<OrderView>): string | undefined => order.reason ?? order.failure;

export function renderOrderTable(orders: readonly OrderView[], now: Date, width: number): string {
  const columns: Column<OrderView>[] = [
    { title: 'ORDER', value: (order) => order.id },
    { title: 'KIND', value: (order) => order.kind },
    { title: 'STATE', value: (order) => order.state },
    { title: 'MEMBER', value: (order) => order.providingMember },
    { title: 'SSH', value: sshText },
    { title: 'AGE', value: (order) => renderAge(order.createdAt, now) },
    { title: 'REASON', value: (order) => why(order) ?? '' },
  ];
  return renderTable(orders, columns, { none: 'There are no orders. Make one with: fogbow order create', width });
}

/** Everything about one order; its history last. */
export function renderOrderDetail(order: OrderView, now: Date): string {
  const age = renderAge(order.stateSince, now);
  const fields = renderFields([
    ['id', order.id], ['title', order.title], ['batch', order.batchId], ['kind', order.kind], ['type', order.type],
    ['state', age ? `${order.state} for ${age}` : order.state], ['reason', order.reason], ['failure', order.failure],
    ['asked by', order.requestingMember], ['served by', order.providingMember], ['instance', order.instanceId],
    ['ssh', sshText(order)], ['host key', order.sshHostKey ?? order.ssh?.hostKey],
    ['flavor', order.flavor], ['image', order.image], ['requirements', order.requirements], ['size', order.sizeGb && `${order.sizeGb} GB`],
    ['network', order.network && [order.network.cidr, order.network.gateway, order.network.allocation].filter(Boolean).join(', ')],
    ['networks', order.networkOrderIds?.join(', ')],
    ['attached', order.attachment && `${order.attachment.volumeOrderId} to ${order.attachment.computeOrderId} as ${order.attachment.device ?? 'a device'}`],
    ['valid from', order.validFrom], ['valid until', order.validUntil], ['created', order.createdAt],
  ]);
  return order.history ? `${fields}\n\n${renderHistory(order)}` : fields;
}

export function renderHistory({ history = [] }: Pick<OrderView, 'history'>): string {
  return renderTable(history, [
    { title: 'AT', value: (entry) => entry.at },
    { title: 'MOVE', value: (entry) => `${entry.from ?? '(new)'} → ${entry.to}` },
    { title: 'EVENT', value: (entry) => entry.event },
    { title: 'MEMBER', value: (entry) => entry.provider },
    { title: 'REASON', value: (entry) => entry.reason },
  ], { none: 'Nothing has happened to it yet.' });
}

export function renderVerdicts(verdicts: readonly Verdict[] | undefined): string {
  return renderTable(verdicts ?? [], [{ title: 'MEMBER', value: ({ member }) => member }, { title: 'VERDICT', value: ({ verdict }) => verdict }], { none: 'No member was weighed yet.' });
}

/** Where it is, why there, and why not elsewhere. */
export function renderExplanation(order: OrderView): string {
  const place = order.providingMember ? `is ${order.state} at ${order.providingMember}` : `is ${order.state}`;
  const reason = why(order);
  return [renderFields([[order.id, reason ? `${place}: ${reason}` : place]]), '', renderVerdicts(order.placement), '', renderHistory(order)].join('\n');
}

export function renderResourceTable(resources: readonly ResourceView[], options: { readonly what: string; readonly now: Date; readonly width: number }): string {
  return renderTable(resources, [
    { title: 'ORDER', value: (one) => one.orderId ?? one.id },
    { title: 'STATE', value: (one) => one.instanceState ?? one.state },
    { title: 'MEMBER', value: (one) => one.providingMember },
    { title: 'INSTANCE', value: (one) => one.instanceId },
    ...specificColumns(options.what),
    { title: 'AGE', value: (one) => renderAge(one.createdAt, options.now) },
  ], { none: `There are no ${options.what}. Make one with: fogbow ${options.what} create`, width: options.width });
}

function specificColumns(what: string): Column<ResourceView>[] {
  if (what === 'computes') return [{ title: 'SSH', value: sshText }];
  if (what === 'volumes') return [{ title: 'GB', value: (one) => one.sizeGb, align: 'right' }];
  if (what === 'networks') return [{ title: 'CIDR', value: (one) => one.network?.cidr }, { title: 'GATEWAY', value: (one) => one.network?.gateway }];
  return [{ title: 'COMPUTE', value: (one) => one.attachment?.computeOrderId }, { title: 'VOLUME', value: (one) => one.attachment?.volumeOrderId }, { title: 'DEVICE', value: (one) => one.attachment?.device }];
}
