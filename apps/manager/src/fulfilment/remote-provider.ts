import type { MemberId } from '@fogbow/request-model';
import { asFogbowError } from '@fogbow/plugin-contracts';
import { GETINSTANCE, ORDER, REMOVEORDER } from '@fogbow/messaging';
import type { MessageSender } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import type { OrderRecord } from '../orders/order-record.js';
import { fromInstanceReport } from '../peers/instance-report.js';
import { toOrderRequest } from '../peers/order-on-the-wire.js';
import { questionId } from '../peers/question-id.js';
import type { InstanceProvider, Observation } from './instance-provider.js';

export interface RemoteProviderOptions {
  readonly link: MessageSender;
  readonly timeoutMs: number;
  readonly log: Logger;
}

const PARALLEL = 16;

/** Other members' clouds, through their Managers. */
export function createRemoteProvider(options: RemoteProviderOptions): InstanceProvider {
  const { link, timeoutMs, log } = options;
  return {
    /** The peer knows the order by its id, so that asking twice is asking once; a lost question is asked again by its duty. */
    async request(order) {
      if (!order.provider) throw new Error('A provider is chosen before it is asked.');
      await link.post(order.provider, ORDER, toOrderRequest(order), { id: questionId(order) })
        .catch((error: unknown) => log.info('a peer could not be asked; it will be again', { order: order.id, member: order.provider, error: asFogbowError(error).message }));
      return { kind: 'sent' };
    },
    async describe(orders, signal) {
      const seen = new Map<string, Observation>();
      const silent = new Map<MemberId, string>();
      for (let start = 0; start < orders.length && !signal.aborted; start += PARALLEL) {
        await Promise.all(orders.slice(start, start + PARALLEL).map(async (order) => seen.set(order.id, await observe(options, order, silent, signal))));
      }
      return seen;
    },
    async release({ orderId, incarnation, member }, signal) {
      try {
        await link.request(member, REMOVEORDER, { orderId, attempt: incarnation }, { timeoutMs, signal });
        return { kind: 'gone' };
      } catch (error) {
        const { code, message } = asFogbowError(error);
        if (code === 'not-found') return { kind: 'gone' };
        return { kind: 'pending', reason: `${code}: ${message}`, inMs: code === 'conflict' ? 200 : 1000 };
      }
    },
  };
}

/** A member that let one question go unanswered is not asked the next in the same round: a thousand time limits would block the duty. */
async function observe({ link, timeoutMs }: RemoteProviderOptions, order: OrderRecord, silent: Map<MemberId, string>, signal: AbortSignal): Promise<Observation> {
  if (!order.provider || !order.instance) return { kind: 'gone' };
  const known = silent.get(order.provider);
  if (known) return { kind: 'unknown', reason: known };
  try {
    const report = await link.request(order.provider, GETINSTANCE, { instanceId: order.instance.id }, { timeoutMs, signal });
    const { instance, state } = fromInstanceReport(report);
    return { kind: 'present', state, instance, reachable: true };
  } catch (error) {
    const { code, message } = asFogbowError(error);
    if (code === 'not-found') return { kind: 'gone' };
    const reason = `${code}: ${message}`;
    if (code === 'timeout' || code === 'unavailable') silent.set(order.provider, reason);
    return { kind: 'unknown', reason };
  }
}
