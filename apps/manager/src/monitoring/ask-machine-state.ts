import type { MemberId } from '@fogbow/request-model';
import type { ComputeCloud, InstanceState } from '@fogbow/plugin-contracts';
import type { CloudCalls } from '../fulfilment/cloud-calls.js';
import type { OrderRecord } from '../orders/order-record.js';

/** What our cloud says of a machine right now; undefined where there is none, where it is another member's, and where the cloud does not answer. */
export type AskMachineState = (order: OrderRecord, signal: AbortSignal) => Promise<InstanceState | undefined>;

export function createAskMachineState({ self, calls, compute }: { readonly self: MemberId; readonly calls: CloudCalls; readonly compute: Pick<ComputeCloud, 'describe'> }): AskMachineState {
  return async ({ kind, provider, instance, state }, signal) => {
    if (kind !== 'compute' || !instance || provider !== self || (state !== 'spawning' && state !== 'fulfilled')) return undefined;
    return (await calls.run(signal, (call) => compute.describe(instance.id, call)).catch(() => undefined))?.state;
  };
}
