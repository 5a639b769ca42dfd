import type { MeasuredPower, OrderInstance } from '@fogbow/request-model';
import type { OrderRecord } from '../orders/order-record.js';
import type { WakeUp } from '../orders/wake-up.js';
import type { MeasurementStore } from './measurement-store.js';

/** A machine that has come up, and its order. */
export interface UpMachine {
  readonly order: OrderRecord;
  readonly instance: OrderInstance;
}

/** Whether an order waits for the measurement of its machine; once it is over, the power, or none where it was not measured. */
export type PowerState = { readonly kind: 'waiting' } | { readonly kind: 'over'; readonly power?: MeasuredPower };

/** Of these machines, those that are measured, by the order's id. The others are as ready as they are. */
export type AwaitPower = (machines: readonly UpMachine[]) => Promise<ReadonlyMap<string, PowerState>>;

export interface AwaitPowerOptions {
  readonly store: Pick<MeasurementStore, 'look'>;
  readonly measuredPower: (order: OrderRecord, seconds: number) => number | undefined;
  readonly wakeUp: WakeUp;
}

export function createAwaitPower({ store, measuredPower, wakeUp }: AwaitPowerOptions): AwaitPower {
  return async (machines) => {
    const states = await store.look(machines.map(({ order, instance: { sshAddress, sshHostKey } }) => ({
      orderId: order.id, incarnation: order.incarnation,
      ...(sshAddress ? { address: { host: sshAddress.host, port: sshAddress.port, ...(sshHostKey ? { hostKey: sshHostKey } : {}) } } : {}),
    })));
    if (states.some(({ isNew }) => isNew)) wakeUp('measure-power');
    const orders = new Map(machines.map(({ order }) => [order.id, order]));
    return new Map(states.map(({ orderId, isOver, seconds }): [string, PowerState] => {
      if (!isOver) return [orderId, { kind: 'waiting' }];
      const value = seconds === undefined ? undefined : measuredPower(orders.get(orderId) as OrderRecord, seconds);
      return [orderId, value === undefined || seconds === undefined ? { kind: 'over' } : { kind: 'over', power: { value, seconds } }];
    }));
  };
}
