import type { ForwardedToken, StorageLinkRequest } from '@fogbow/messaging';
import type { OrderRecord } from '../orders/order-record.js';
import type { Uses } from '../orders/bind-order.js';

/** An attachment as another member is asked for it. `uses`: the ids of machine and volume there. */
export function toLinkRequest({ id, incarnation, spec: { attachment } }: OrderRecord, uses: Uses, token: ForwardedToken): StorageLinkRequest {
  return {
    instanceId: uses.get(attachment?.computeOrderId ?? '') ?? '', volumeId: uses.get(attachment?.volumeOrderId ?? '') ?? '',
    order: { id, attempt: incarnation }, token,
    ...(attachment?.device ? { device: attachment.device } : {}),
  };
}
