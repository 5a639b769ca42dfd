import type { MemberId } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputePower, PowerAction } from '@fogbow/plugin-contracts';
import type { OrderRecord } from './order-record.js';

export type ActOnMachine = (order: OrderRecord, action: PowerAction) => Promise<void>;

export interface ActOptions {
  readonly self: MemberId;
  /** Absent where the cloud cannot switch machines. */
  readonly power?: ComputePower;
  /** Runs a call to the member's cloud with a token and a time limit. */
  call(work: (call: CloudCall) => Promise<void>): Promise<void>;
}

/** Use case: start, stop, restart or suspend where the cloud of the machine can; else method-not-allowed with the reason. */
export function createActOnMachine({ self, power, call }: ActOptions): ActOnMachine {
  return async (order, action) => {
    const refuse = (reason: string): never => { throw new FogbowError('method-not-allowed', reason); };
    if (order.provider !== undefined && order.provider !== self) refuse(`The machine runs at ${order.provider}; actions reach machines of our own cloud only.`);
    if (!power) return refuse('The cloud of this member cannot start, stop, restart or suspend machines.');
    if (!power.actions.includes(action)) refuse(`The cloud of this member cannot ${action} machines; it can ${power.actions.join(', ')}.`);
    const { instance, state } = order;
    if (!instance || state !== 'fulfilled') throw new FogbowError('conflict', 'The machine is not up yet; wait until its order is fulfilled.');
    await call((given) => power.perform(instance.id, action, given));
  };
}
