import { createFakeCloudState, createFakeDriver, createInProcessClient } from '@fogbow/cloud-fake';
import type { FakeCloudClient, FakeCloudState } from '@fogbow/cloud-fake';
import { FogbowError } from '@fogbow/plugin-contracts';
import { RESOURCE_KINDS } from '@fogbow/request-model';
import type { ResourceKind } from '@fogbow/request-model';
import { createCloudDrivers } from '../fulfilment/cloud-drivers.js';
import type { CloudCalls } from '../fulfilment/cloud-calls.js';
import type { ResourceDrivers } from '../fulfilment/resource-driver.js';
import type { ProcessHost } from './process-host.js';
import { callOver } from './remote-calls.js';
import type { CallFate, RemoteCalls } from './remote-calls.js';
import type { VirtualTime } from './virtual-time.js';

export type CloudEntry = Parameters<NonNullable<Parameters<typeof createFakeCloudState>[0]['record']>>[0];

export interface SimulatedCloudOptions {
  readonly time: VirtualTime;
  readonly callTimeoutMs: number;
  fate(): CallFate;
  /** What is staged for the next thing that is made. */
  stage(): object;
  /** Told of every change; `isLate` where whoever asked for it had died, paused or given up. */
  record(entry: CloudEntry, isLate: boolean): void;
}

/** The fake cloud of one member, some way away from its Manager. */
export interface SimulatedCloud {
  readonly state: FakeCloudState;
  of(host: ProcessHost): { readonly calls: CloudCalls; readonly drivers: ResourceDrivers; readonly kinds: readonly ResourceKind[] };
}

const NEVER = new AbortController().signal;
const CREATES = ['create', 'attach'];

export function createSimulatedCloud(options: SimulatedCloudOptions): SimulatedCloud {
  const { time } = options;
  let isLate = false;
  const state = createFakeCloudState({ now: () => new Date(time.now()), record: (entry) => options.record(entry, isLate) });
  const client = createInProcessClient(state);
  const token = state.issue({});
  const of: SimulatedCloud['of'] = (host) => {
    const remote: RemoteCalls = { host, after: time.after, fate: options.fate, failure: () => new FogbowError('cloud-unavailable', 'The cloud did not answer in time.') };
    const far = farClient(client, remote, (signal) => {
      isLate = signal.aborted || !host.isListening();
      state.turn(options.stage());
    });
    const drivers = createCloudDrivers(createFakeDriver(far, { bootsUserData: false, lacks: [], powerActions: [] }), {
      measures: false, prepare: () => Promise.resolve(undefined), ways: () => Promise.resolve(new Map()), userData: () => [], withdraw: () => Promise.resolve(),
    });
    const run: CloudCalls['run'] = async (signal, _operation, work) => {
      const limit = new AbortController();
      const disarm = host.timers.after(options.callTimeoutMs, () => limit.abort());
      return await work({ token, signal: AbortSignal.any([signal, limit.signal]) }).finally(disarm);
    };
    const quota: CloudCalls['quota'] = (signal) => run(signal, 'quota', (call) => far.quota(call.token.value, call.signal)).catch(() => undefined);
    return { calls: { run, quota }, drivers, kinds: RESOURCE_KINDS.filter((kind) => drivers[kind] !== undefined) };
  };
  return { state, of };
}

/** Every call travels; its last argument is its signal, which ends the waiting and not what was asked. */
function farClient(client: FakeCloudClient, remote: RemoteCalls, stage: (signal: AbortSignal) => void): FakeCloudClient {
  const far = <Part extends object>(part: Part): Part => Object.fromEntries(Object.entries(part).map(([name, member]) => {
    if (typeof member !== 'function') return [name, far(member as object)];
    return [name, (...given: unknown[]) => {
      const signal = given.at(-1) as AbortSignal;
      return callOver(remote, async () => {
        if (CREATES.includes(name)) stage(signal);
        return await (member as (...given: unknown[]) => Promise<unknown>)(...given.slice(0, -1), NEVER);
      }, signal);
    }];
  })) as Part;
  const { issue, quota, power, images, instances, volumes, networks, attachments } = client;
  return far({ issue, quota, power, images, instances, volumes, networks, attachments });
}
