import { clientToken } from '@fogbow/request-model';
import type { Flavor, MemberId } from '@fogbow/request-model';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { ComputeCapabilities, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { MachineAccess } from '../access/machine-access.js';
import type { TunnelOfMachine } from '../access/tunnel-of-machine.js';
import type { CrashStep } from '../crash-steps.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { CloudCalls } from './cloud-calls.js';
import type { InstanceProvider, Observation, ReleaseOutcome, ReleaseTarget, RequestOutcome } from './instance-provider.js';

export interface LocalProviderOptions {
  readonly self: MemberId;
  readonly calls: CloudCalls;
  readonly capabilities: ComputeCapabilities;
  readonly access: MachineAccess;
  /** May this process ask for machines? False when another may have taken its orders over. */
  mayAsk(): boolean;
  readonly checkpoints: Checkpoints<CrashStep>;
}

/** The member's own cloud. */
export function createLocalProvider(options: LocalProviderOptions): InstanceProvider {
  return {
    request: (order, flavor, signal) => requestInstance(options, order, flavor, signal),
    describe: (orders, signal) => describeInstances(options, orders, signal),
    release: (target, signal) => releaseInstance(options, target, signal),
  };
}

async function requestInstance(options: LocalProviderOptions, order: OrderRecord, flavor: Flavor | undefined, signal: AbortSignal): Promise<RequestOutcome> {
  if (!flavor) return { kind: 'refused', code: 'cloud-rejected', reason: 'no flavor of ours satisfies the requirements', uncertain: false };
  let tunnel: TunnelOfMachine | undefined;
  try {
    tunnel = options.capabilities.bootsUserData ? await options.access.prepare(order, signal) : undefined;
  } catch (error) {
    return { kind: 'refused', code: 'unavailable', reason: `no way to the machine: ${reasonOf(asFogbowError(error))}`, uncertain: false };
  }
  try {
    options.checkpoints.reach('before-cloud-call');
    const instance = await createOnce(options, order, instanceRequest(options, order, flavor, tunnel), signal);
    options.checkpoints.reach('after-cloud-call');
    return {
      kind: 'accepted',
      instance: { id: instance.id, ...(instance.localAddress ? { localAddress: instance.localAddress } : {}), ...tunnel?.addresses },
      ready: instance.state === 'active' && !tunnel,
    };
  } catch (error) {
    const refused = refusal(asFogbowError(error));
    if (!refused.uncertain && tunnel) await options.access.withdraw({ orderId: order.id, incarnation: order.incarnation }).catch(() => undefined);
    return refused;
  }
}

function instanceRequest({ self, access }: LocalProviderOptions, order: OrderRecord, flavor: Flavor, tunnel: TunnelOfMachine | undefined): InstanceRequest {
  return {
    clientToken: clientToken(self, order),
    size: { vcpu: flavor.vcpu, ramMb: flavor.ramMb, diskGb: flavor.diskGb },
    flavor: flavor.name,
    ...(order.spec.image ? { image: order.spec.image } : {}),
    userData: access.userData(order, tunnel),
  };
}

/** A cloud that cannot promise one machine per client token is asked whether it has one before it is asked again. */
async function createOnce(options: LocalProviderOptions, order: OrderRecord, request: InstanceRequest, signal: AbortSignal): Promise<Instance> {
  const left = !options.capabilities.atomicCreate && order.attempts > 1
    ? await options.calls.run(signal, (cloud, context) => cloud.find(request.clientToken, context))
    : undefined;
  return left ?? await options.calls.run(signal, (cloud, context) => {
    if (context.signal.aborted || !options.mayAsk()) throw new FogbowError('unavailable', 'this process may have lost the order to another');
    return cloud.create(request, context);
  });
}

/** The text of an unknown fault may tell too much: reasons are shown to owners and to other members. */
const reasonOf = (error: FogbowError): string => (error.code === 'internal' ? error.entry.meaning : error.message);

function refusal(error: FogbowError): Extract<RequestOutcome, { kind: 'refused' }> {
  const clear = ['quota-exceeded', 'no-valid-host', 'cloud-rejected', 'cloud-unauthorized'].includes(error.code);
  return { kind: 'refused', code: error.code, reason: reasonOf(error), uncertain: !clear };
}

/** One list call for all; what the list does not show is asked for by id before it is believed to be gone. */
async function describeInstances(options: LocalProviderOptions, orders: readonly OrderRecord[], signal: AbortSignal): Promise<ReadonlyMap<string, Observation>> {
  try {
    const listed = orders.length > 1 ? await options.calls.list(signal) : [];
    const byId = new Map(listed.map((instance) => [instance.id, instance]));
    const observe = async (order: OrderRecord): Promise<[string, Observation]> => [order.id, await observeOne(options, order, byId, signal)];
    return new Map(await Promise.all(orders.map(observe)));
  } catch (error) {
    const reason = reasonOf(asFogbowError(error));
    return new Map(orders.map((order) => [order.id, { kind: 'unknown', reason }]));
  }
}

async function observeOne(options: LocalProviderOptions, order: OrderRecord, listed: ReadonlyMap<string, Instance>, signal: AbortSignal): Promise<Observation> {
  const id = order.instance?.id;
  if (!id) return { kind: 'gone' };
  const instance = listed.get(id) ?? await options.calls.run(signal, (cloud, context) => cloud.describe(id, context));
  if (!instance) return { kind: 'gone' };
  return {
    kind: 'present',
    state: instance.state,
    instance: { ...order.instance, id, ...(instance.localAddress ? { localAddress: instance.localAddress } : {}) },
    reachable: order.connected || !order.instance?.sshAddress,
    ...(instance.fault ? { fault: instance.fault } : {}),
  };
}

async function releaseInstance(options: LocalProviderOptions, { orderId, incarnation }: ReleaseTarget, signal: AbortSignal): Promise<ReleaseOutcome> {
  const name = clientToken(options.self, { id: orderId, incarnation });
  try {
    const left = await options.calls.run(signal, (cloud, context) => cloud.find(name, context));
    if (left) {
      await options.calls.run(signal, (cloud, context) => cloud.remove(left.id, context));
      const still = await options.calls.run(signal, (cloud, context) => cloud.find(name, context));
      if (still) return { kind: 'pending', reason: 'the cloud is removing it', inMs: 1000 };
    }
    options.checkpoints.reach('after-remove');
    await options.access.withdraw({ orderId, incarnation });
    return { kind: 'gone' };
  } catch (error) {
    return { kind: 'pending', reason: asFogbowError(error).message, inMs: 1000 };
  }
}
