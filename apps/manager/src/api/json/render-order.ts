import { globalInstanceId } from '@fogbow/request-model';
import { serviceAddressesOf, sshAddressOf } from '../ssh-address.js';
import type { HistoryEntry, ListedOrder } from '../../orders/order-record.js';

/** An order as JSON clients see it: of what its owner wrote, no more than these. One plain object, because every order of every list goes through it. */
export function renderOrder(order: ListedOrder): Record<string, unknown> {
  const { spec } = order;
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
    services: renderServices(order),
    power: order.instance?.power && { ...order.instance.power, measured: true },
    title: spec.title,
    flavor: spec.flavor,
    image: spec.image,
    requirements: spec.requirements,
    publicKey: spec.publicKey,
    userData: spec.userData,
    networkOrderIds: spec.networkOrderIds,
    sizeGb: spec.sizeGb,
    network: spec.network,
    attachment: spec.attachment,
    validFrom: order.validFrom?.toISOString(),
    validUntil: order.validUntil?.toISOString(),
    placement: order.explanation,
  };
}

function renderSsh(order: ListedOrder): Record<string, unknown> | undefined {
  const address = sshAddressOf(order);
  return address && { ...address, hostKey: order.instance?.sshHostKey };
}

function renderServices(order: ListedOrder): Record<string, unknown>[] | undefined {
  const services = Object.entries(serviceAddressesOf(order)).map(([name, address]) => ({ name, ...address }));
  return services.length > 0 ? services : undefined;
}

export function renderHistory(history: readonly HistoryEntry[]): Record<string, unknown>[] {
  return history.map((entry) => ({ ...entry, at: entry.at.toISOString() }));
}
