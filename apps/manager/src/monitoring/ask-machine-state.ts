import type { MemberId } from '@fogbow/request-model';
import type { InstanceState } from '@fogbow/plugin-contracts';
import type { InstanceProvider } from '../fulfilment/instance-provider.js';
import type { OrderRecord } from '../orders/order-record.js';

/** What its cloud says of a machine right now, here or abroad; undefined where there is none, and where nobody can tell. */
export type AskMachineState = (order: OrderRecord, signal: AbortSignal) => Promise<InstanceState | undefined>;

/** What our own cloud says of all the machines here that are up, in one question; those of other members are not in the answer. */
export type AskMachineStates = (orders: readonly OrderRecord[], signal: AbortSignal) => Promise<ReadonlyMap<string, InstanceState>>;

type Describe = Pick<InstanceProvider, 'describe'>;

export function createAskMachineState({ self, local, remote }: { readonly self: MemberId; readonly local: Describe; readonly remote: Describe }): AskMachineState {
  return async (order, signal) => {
    const { kind, provider, instance, state } = order;
    if (kind !== 'compute' || !instance || (state !== 'spawning' && state !== 'fulfilled')) return undefined;
    const seen = (await (provider === self ? local : remote).describe([order], signal)).get(order.id);
    return seen?.kind === 'present' ? seen.state : undefined;
  };
}

export function createAskMachineStates({ self, local }: { readonly self: MemberId; readonly local: Describe }): AskMachineStates {
  return async (orders, signal) => {
    const here = orders.filter(({ kind, provider, instance, state }) => kind === 'compute' && provider === self && instance && state === 'fulfilled');
    const seen = here.length > 0 ? await local.describe(here, signal) : new Map<string, never>();
    return new Map([...seen].flatMap(([id, one]): [string, InstanceState][] => (one.kind === 'present' ? [[id, one.state]] : [])));
  };
}
