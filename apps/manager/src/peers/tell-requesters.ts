import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import { ORDER, ORDERSTATE, STORAGELINK } from '@fogbow/messaging';
import type { MessageSender, OrderReply } from '@fogbow/messaging';
import { newId, withCorrelation } from '@fogbow/service-runtime';
import type { Checkpoints, Logger } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import { markDeleted } from '../orders/delete-order.js';
import type { DeleteOptions } from '../orders/delete-order.js';
import type { OrderRecord } from '../orders/order-record.js';
import { questionId, UNCOUNTED } from './question-id.js';

export interface TellOptions {
  readonly link: MessageSender;
  readonly deletion: DeleteOptions;
  rememberRemoved(order: OrderRecord): Promise<void>;
  readonly checkpoints: Checkpoints<CrashStep>;
  readonly log: Logger;
}

/**
 * Tells other members what became of the orders that they placed here: the instance, or why there is none. An answer that is lost
 * is given again when the requester asks again. An order that ended without an instance is not kept.
 */
export function createTellRequesters({ link, deletion, rememberRemoved, checkpoints, log }: TellOptions): (orderIds: readonly string[]) => Promise<void> {
  const tell = async (order: OrderRecord): Promise<void> => {
    const outcome = outcomeOf(order);
    // An original waits for its attachment on the spot (serve-links.ts), and knows no order of it that could be answered later.
    if (isNameless(order)) return;
    if (!outcome) return await tellNews(link, order);
    checkpoints.reach('before-answer');
    // An original asks again under the same id.
    if (outcome instanceof FogbowError && order.incarnation !== UNCOUNTED) await rememberRemoved(order);
    await answer(link, order, outcome)
      .catch((error: unknown) => log.info('a requester could not be told; it will ask again', { order: order.id, member: order.requester, error: asFogbowError(error).message }));
    if (!(outcome instanceof FogbowError)) return;
    checkpoints.reach('after-refusal');
    await markDeleted(deletion, order, outcome.message);
  };
  return async (orderIds) => {
    for (const order of await deletion.store.getMany(orderIds)) {
      await withCorrelation(order.spec.origin, () => tell(order)).catch((error: unknown) => log.warn('telling a requester failed', { order: order.id, error }));
    }
  };
}

/** Something else about instances has changed that requesters have: they look by themselves. */
export const createTellNews = (link: MessageSender): (orders: readonly OrderRecord[]) => void => (orders) => { for (const order of orders) void tellNews(link, order); };

/** Below the 15 s after which originals give an answer up (spec §3.2). */
export const ORIGINAL_WAITS_MS = 12_000;

/** An attachment whose requester counts no attempts and knows it by its own id alone. */
export const isNameless = ({ kind, incarnation }: Pick<OrderRecord, 'kind' | 'incarnation'>): boolean => kind === 'attachment' && incarnation === UNCOUNTED;

/** Not waited for and not repeated; an attempt that nobody counts is an original's, which does not know the message. */
async function tellNews(link: MessageSender, { id, incarnation, requester, state, reason }: OrderRecord): Promise<void> {
  if (incarnation === UNCOUNTED || state === 'deleted') return;
  await link.post(requester, ORDERSTATE, { order: { id, attempt: incarnation }, state, ...(reason ? { reason } : {}) }, { id: `news-${newId()}` }).catch(() => undefined);
}

async function answer(link: MessageSender, order: OrderRecord, outcome: OrderReply | FogbowError): Promise<void> {
  if (order.kind !== 'attachment') return await link.answer(order.requester, ORDER, questionId(order), outcome);
  await link.answer(order.requester, STORAGELINK, questionId(order), outcome instanceof FogbowError ? outcome : { attachmentId: outcome.instanceId });
}

function outcomeOf(order: OrderRecord): OrderReply | FogbowError | undefined {
  if (order.state === 'fulfilled' && order.instance) return { instanceId: order.instance.id };
  if (order.state === 'failed' || order.state === 'closed') return new FogbowError(order.failure ?? 'no-valid-host', order.reason ?? 'It ended without an instance.');
  return undefined;
}
