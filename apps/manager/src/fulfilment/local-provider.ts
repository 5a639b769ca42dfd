import { clientToken, NOUN_OF_KIND } from '@fogbow/request-model';
import type { MemberId, OrderInstance, ResourceKind } from '@fogbow/request-model';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { Checkpoints } from '@fogbow/service-runtime';
import type { CrashStep } from '../crash-steps.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { CloudCalls } from './cloud-calls.js';
import { createFindInstance } from './find-instance.js';
import type { LookRound } from './look-round.js';
import type { InstanceProvider, Observation, ReleaseOutcome, ReleaseTarget, RequestGrounds, RequestOutcome } from './instance-provider.js';
import type { Prepared, Resource, ResourceDriver, ResourceDrivers } from './resource-driver.js';

export interface LocalProviderOptions {
  readonly self: MemberId;
  readonly calls: CloudCalls;
  readonly drivers: ResourceDrivers;
  /** May this process ask for instances? False when another may have taken its orders over. */
  mayAsk(): boolean;
  readonly checkpoints: Checkpoints<CrashStep>;
}

/** The member's own cloud. */
export function createLocalProvider(options: LocalProviderOptions): InstanceProvider {
  return {
    async request(order, grounds, signal) {
      const driver = options.drivers[order.kind];
      if (!driver) return { kind: 'refused', code: 'cloud-rejected', reason: `our cloud has no ${NOUN_OF_KIND[order.kind]}s`, uncertain: false };
      return await requestInstance(options, driver, order, grounds, signal);
    },
    describe: (orders, signal, round) => describeInstances(options, orders, signal, round),
    release: (target, signal) => releaseInstance(options, target, signal),
  };
}

async function requestInstance(options: LocalProviderOptions, driver: ResourceDriver, order: OrderRecord, grounds: RequestGrounds, signal: AbortSignal): Promise<RequestOutcome> {
  let prepared: Prepared | undefined;
  try {
    prepared = await driver.prepare?.(order, signal);
  } catch (error) {
    return { kind: 'refused', code: 'unavailable', reason: `no way to the machine: ${reasonOf(asFogbowError(error))}`, uncertain: false };
  }
  const tried = { asked: order.attempts > 1 };
  try {
    options.checkpoints.reach('before-cloud-call');
    const made = await createOnce(options, driver, order, { ...grounds, prepared, tried }, signal);
    options.checkpoints.reach('after-cloud-call');
    return { kind: 'accepted', instance: { id: made.id, ...made.told, ...prepared?.told }, ready: made.state === 'active' && !prepared };
  } catch (error) {
    const refused = refusal(asFogbowError(error), tried);
    // What was not asked for may be another process's by now, its way with it.
    if (tried.asked && !refused.uncertain && prepared) await driver.withdraw?.({ orderId: order.id, incarnation: order.incarnation }).catch(() => undefined);
    return refused;
  }
}

/** May any create of the order have reached the cloud? Where no token was to be had, or the process was frozen too long, none did. */
interface Tried { asked: boolean }

/** A cloud that cannot promise one instance per client token is asked whether it has one before it is asked again. */
async function createOnce(options: LocalProviderOptions, driver: ResourceDriver, order: OrderRecord, { tried, ...grounds }: RequestGrounds & { prepared?: Prepared | undefined; tried: Tried }, signal: AbortSignal): Promise<Resource> {
  const name = clientToken(options.self, order);
  const left = !driver.atomicCreate && order.attempts > 1 ? await createFindInstance(options)(order, signal) : undefined;
  return left ?? await options.calls.run(signal, 'create', (call) => {
    if (call.signal.aborted || !options.mayAsk()) throw new FogbowError('unavailable', 'this process may have lost the order to another');
    tried.asked = true;
    return driver.create(order, name, grounds, call);
  });
}

/** The text of an unknown fault may tell too much: reasons are shown to owners and to other members. */
const reasonOf = (error: FogbowError): string => (error.code === 'internal' ? error.entry.meaning : error.message);

/** The cloud has understood and made nothing; after anything else an instance may exist. */
const CLEAR: readonly string[] = ['quota-exceeded', 'no-valid-host', 'cloud-rejected', 'cloud-unauthorized', 'not-found', 'conflict'];

function refusal(error: FogbowError, { asked }: Tried): Extract<RequestOutcome, { kind: 'refused' }> {
  return { kind: 'refused', code: error.code, reason: reasonOf(error), uncertain: asked && !CLEAR.includes(error.code) };
}

async function describeInstances(options: LocalProviderOptions, orders: readonly OrderRecord[], signal: AbortSignal, round: LookRound | undefined): Promise<ReadonlyMap<string, Observation>> {
  const kinds = [...new Set(orders.map((order) => order.kind))];
  const seen = await Promise.all(kinds.map((kind) => describeKind(options, kind, orders.filter((order) => order.kind === kind), { signal, round })));
  return new Map(seen.flat());
}

/** One list call for all of a kind; what the list does not show is asked for by id before it is believed to be gone. */
async function describeKind(options: LocalProviderOptions, kind: ResourceKind, orders: readonly OrderRecord[], { signal, round }: { readonly signal: AbortSignal; readonly round: LookRound | undefined }): Promise<[string, Observation][]> {
  const unknown = (reason: string): [string, Observation][] => orders.map((order) => [order.id, { kind: 'unknown', reason }]);
  const driver = options.drivers[kind];
  if (!driver) return unknown(`our cloud has no ${NOUN_OF_KIND[kind]}s now`);
  try {
    const list = (): Promise<readonly Resource[]> => options.calls.run(signal, 'list', (call) => driver.list(call));
    const listed = round ? await round.listOnce(options.calls, kind, list) : orders.length > 1 ? await list() : [];
    const byId = new Map(listed.map((one) => [one.id, one]));
    const ways = await driver.ways?.(orders);
    // A cloud of several parts may know of one order and not of another.
    const observe = (order: OrderRecord): Promise<Observation> => observeOne(options, driver, order, byId, signal)
      .catch((error: unknown) => ({ kind: 'unknown', reason: reasonOf(asFogbowError(error)) }));
    return await Promise.all(orders.map(async (order): Promise<[string, Observation]> => {
      const seen = await observe(order);
      return [order.id, seen.kind === 'present' ? { ...seen, instance: { ...seen.instance, ...ways?.get(order.id) } } : seen];
    }));
  } catch (error) {
    return unknown(reasonOf(asFogbowError(error)));
  }
}

async function observeOne({ calls }: LocalProviderOptions, driver: ResourceDriver, order: OrderRecord, listed: ReadonlyMap<string, Resource>, signal: AbortSignal): Promise<Observation> {
  const id = order.instance?.id;
  if (!id) return { kind: 'gone' };
  const found = listed.get(id) ?? await calls.run(signal, 'describe', (call) => driver.describe(id, call));
  if (!found) return { kind: 'gone' };
  const instance: OrderInstance = { ...order.instance, ...found.told, id };
  // At an address of its cloud a machine is reached as soon as it runs.
  const reachable = order.connected || !instance.sshAddress || found.told.sshAddress !== undefined;
  return { kind: 'present', state: found.state, instance, reachable, ...(found.fault ? { fault: found.fault } : {}) };
}

async function releaseInstance(options: LocalProviderOptions, { orderId, kind, incarnation }: ReleaseTarget, signal: AbortSignal): Promise<ReleaseOutcome> {
  const driver = options.drivers[kind];
  if (!driver) return { kind: 'pending', reason: `our cloud has no ${NOUN_OF_KIND[kind]}s now`, inMs: 1000 };
  const name = clientToken(options.self, { id: orderId, incarnation });
  const find = (): Promise<Resource | undefined> => options.calls.run(signal, 'find', (call) => driver.find(name, call));
  try {
    const left = await find();
    if (left) {
      await options.calls.run(signal, 'remove', (call) => driver.remove(left.id, call));
      if (await find()) return { kind: 'pending', reason: 'the cloud is removing it', inMs: 1000 };
    }
    options.checkpoints.reach('after-remove');
    await driver.withdraw?.({ orderId, incarnation });
    return { kind: 'gone' };
  } catch (error) {
    const { code, message } = asFogbowError(error);
    // Something that is being removed itself still holds it.
    return { kind: 'pending', reason: message, inMs: code === 'conflict' ? 200 : 1000 };
  }
}
