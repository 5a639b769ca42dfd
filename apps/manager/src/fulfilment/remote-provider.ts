import { needsOf } from '@fogbow/request-model';
import type { MemberId } from '@fogbow/request-model';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import { GETINSTANCE, ORDER, REMOVEORDER, REMOVESTORAGELINK, STORAGELINK } from '@fogbow/messaging';
import type { ForwardedToken, MessageSender } from '@fogbow/messaging';
import { withCorrelation } from '@fogbow/service-runtime';
import type { Logger } from '@fogbow/service-runtime';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import { fromInstanceReport } from '../peers/instance-report.js';
import { toLinkRequest } from '../peers/link-on-the-wire.js';
import { toOrderRequest } from '../peers/order-on-the-wire.js';
import { questionId } from '../peers/question-id.js';
import type { Uses } from '../orders/bind-order.js';
import type { ForwardedIdentity } from '../trust/forwarded-identity.js';
import type { InstanceProvider, Observation, ReleaseTarget } from './instance-provider.js';

export interface RemoteProviderOptions {
  readonly link: MessageSender;
  readonly store: Pick<OrderStore, 'get'>;
  readonly identity: Pick<ForwardedIdentity, 'vouchFor'>;
  readonly timeoutMs: number;
  readonly log: Logger;
}

const PARALLEL = 16;

const saysNothing = (code: ErrorCode): boolean => code === 'timeout' || code === 'unavailable';

/** Other members' clouds, through their Managers. */
export function createRemoteProvider(options: RemoteProviderOptions): InstanceProvider {
  return {
    /** The peer knows the order by its id, so that asking twice is asking once; a lost question is asked again by its duty. */
    async request(order, { uses }) {
      if (!order.provider) throw new Error('A provider is chosen before it is asked.');
      await ask(options, order.provider, order, uses)
        .catch((error: unknown) => options.log.info('a peer could not be asked; it will be again', { order: order.id, member: order.provider, error: asFogbowError(error).message }));
      return { kind: 'sent' };
    },
    async describe(orders, signal) {
      const seen = new Map<string, Observation>();
      const silent = new Map<MemberId, string>();
      for (let start = 0; start < orders.length && !signal.aborted; start += PARALLEL) {
        await Promise.all(orders.slice(start, start + PARALLEL).map(async (order) => seen.set(order.id, await withCorrelation(order.spec.origin, () => observe(options, order, silent, signal)))));
      }
      return seen;
    },
    async release(target, signal) {
      try {
        await askToRemove(options, target, signal);
        return { kind: 'gone' };
      } catch (error) {
        const { code, message } = asFogbowError(error);
        if (code === 'not-found') return { kind: 'gone' };
        return { kind: 'pending', reason: `${code}: ${message}`, inMs: code === 'conflict' ? 200 : 1000, ...(saysNothing(code) ? { isSilent: true } : {}) };
      }
    },
  };
}

async function ask({ link, identity }: RemoteProviderOptions, provider: MemberId, order: OrderRecord, uses: Uses): Promise<void> {
  // What it needs has gone meanwhile. It is not asked for without; the duty that waits for the answer ends it.
  if (needsOf(order.spec).some((id) => !uses.get(id))) throw new FogbowError('unavailable', 'what the order needs is not there any more');
  const id = questionId(order);
  const token = (purpose: 'order' | 'link'): ForwardedToken => identity.vouchFor(order.owner, provider, `${purpose} ${id}`);
  if (order.kind === 'attachment') await link.post(provider, STORAGELINK, toLinkRequest(order, uses, token('link')), { id });
  else await link.post(provider, ORDER, toOrderRequest(order, uses, token('order')), { id });
}

async function askToRemove({ link, store, timeoutMs }: RemoteProviderOptions, { orderId, kind, incarnation, member }: ReleaseTarget, signal: AbortSignal): Promise<void> {
  const options = { timeoutMs, signal };
  if (kind !== 'attachment') return void await link.request(member, REMOVEORDER, { orderId, attempt: incarnation }, options);
  const order = await store.get(orderId);
  const attachmentId = order?.incarnation === incarnation ? order.instance?.id : undefined;
  await link.request(member, REMOVESTORAGELINK, { order: { id: orderId, attempt: incarnation }, ...(attachmentId ? { attachmentId } : {}) }, options);
}

/** A member that let one question go unanswered is not asked the next in the same round: a thousand time limits would block the duty. */
async function observe({ link, timeoutMs }: RemoteProviderOptions, order: OrderRecord, silent: Map<MemberId, string>, signal: AbortSignal): Promise<Observation> {
  if (!order.provider || !order.instance) return { kind: 'gone' };
  const known = silent.get(order.provider);
  if (known) return { kind: 'unknown', reason: known };
  try {
    const report = await link.request(order.provider, GETINSTANCE, { instanceId: order.instance.id }, { timeoutMs, signal });
    return { kind: 'present', ...fromInstanceReport(report), reachable: true };
  } catch (error) {
    const { code, message } = asFogbowError(error);
    if (code === 'not-found') return { kind: 'gone', reason: message };
    const reason = `${code}: ${message}`;
    if (saysNothing(code)) silent.set(order.provider, reason);
    return { kind: 'unknown', reason };
  }
}
