import type { MemberId, OrderInstance } from '@fogbow/request-model';
import { asFogbowError, FogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputePower, PowerAction } from '@fogbow/plugin-contracts';
import { INSTANCEACTION } from '@fogbow/messaging';
import type { MessageSender } from '@fogbow/messaging';
import type { OrderRecord } from './order-record.js';

export type ActOnMachine = (order: Pick<OrderRecord, 'provider' | 'instance' | 'state'>, action: PowerAction) => Promise<void>;

export interface ActOptions {
  readonly self: MemberId;
  readonly link: Pick<MessageSender, 'request'>;
  readonly timeoutMs: number;
  /** The cloud of ours that has it; undefined when that is not configured any more. */
  machineCloud(instance: OrderInstance): MachineCloud | undefined;
}

export interface MachineCloud {
  /** Absent where the cloud cannot switch machines. */
  readonly power?: ComputePower;
  /** Runs a call to it, with a token of the machine's account and a time limit. */
  call(work: (call: CloudCall) => Promise<void>): Promise<void>;
}

const refuse = (reason: string): never => { throw new FogbowError('method-not-allowed', reason); };

const unconfigured = (): never => { throw new FogbowError('cloud-unavailable', 'The cloud or the account of the machine is not configured any more.'); };

/** Use case: start, stop, restart or suspend where the cloud of the machine can; else method-not-allowed with the reason. */
export function createActOnMachine(options: ActOptions): ActOnMachine {
  return async ({ provider, instance, state }, action) => {
    if (!instance || !provider || state !== 'fulfilled') throw new FogbowError('conflict', 'The machine is not up yet; wait until its order is fulfilled.');
    if (provider !== options.self) return await actThere(options, provider, instance.id, action);
    const cloud = options.machineCloud(instance) ?? unconfigured();
    const { power } = cloud;
    if (!power) return refuse('The cloud of this member cannot start, stop, restart or suspend machines.');
    if (!power.actions.includes(action)) refuse(`The cloud of this member cannot ${action} machines; it can ${power.actions.join(', ')}.`);
    await cloud.call((given) => power.perform(instance.id, action, given));
  };
}

/** The peer knows what its cloud can; one that does not know the question cannot. */
async function actThere({ link, timeoutMs }: ActOptions, provider: MemberId, instanceId: string, action: PowerAction): Promise<void> {
  await link.request(provider, INSTANCEACTION, { instanceId, action }, { timeoutMs }).catch((error: unknown) => {
    const { code, message } = asFogbowError(error);
    throw new FogbowError(code, `${provider}: ${message}`, { cause: error });
  });
}

export const isPowerAction = (text: string): text is PowerAction => (POWER_ACTIONS as readonly string[]).includes(text);
