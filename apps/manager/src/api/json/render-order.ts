import { globalInstanceId } from '@fogbow/request-model';
import type { OrderSpec } from '@fogbow/request-model';
import { sshAddressOf } from '../ssh-address.js';
import type { HistoryEntry, OrderRecord } from '../../orders/order-record.js';

/** An order as JSON clients see it. */
export function renderOrder(order: OrderRecord): Record<string, unknown> {
  return {
    id: order.id,
    batchId: order.batchId,
    kind: order.kind,
    type: order.type,
    state: order.state,
    reason: order.reason,
    failure: order.failure,
    createdAt: order.createdAt.toISOString(),
    stateSince: order.stateSince.toISOString(),
    requestingMember: order.requester,
    providingMember: order.provider,
    instanceId: globalInstanceId(order),
    ssh: renderSsh(order),
    ...renderSpec(order.spec),
    validFrom: order.validFrom?.toISOString(),
    validUntil: order.validUntil?.toISOString(),
    placement: order.explanation,
  };
}

/** What the owner wrote; the rest of it is ours. */
function renderSpec({ title, flavor, image, requirements, publicKey, userData, networkOrderIds, sizeGb, network, attachment }: OrderSpec): Record<string, unknown> {
  return { title, flavor, image, requirements, publicKey, userData, networkOrderIds, sizeGb, network, attachment };
}

function renderSsh(order: OrderRecord): Record<string, unknown> | undefined {
  const address = sshAddressOf(order);
  return address && { ...address, hostKey: order.instance?.sshHostKey };
}

export function renderHistory(history: readonly HistoryEntry[]): Record<string, unknown>[] {
  return history.map((entry) => ({ ...entry, at: entry.at.toISOString() }));
}
