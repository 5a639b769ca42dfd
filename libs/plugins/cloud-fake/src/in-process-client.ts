import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { FakeCloudClient, FakeResourceClient } from './fake-client.js';
import type { FakeCloudState } from './fake-state.js';
import type { ResourceCalls } from './resource-calls.js';

/** Calls by their names; those about machines are `create`, `find` …, the others `volumes.create` …, and appear with their first call. */
export type CallCounts = Readonly<Record<string, number>> & Readonly<Record<MachineCall, number>>;
type MachineCall = 'issue' | 'create' | 'find' | 'describe' | 'list' | 'remove' | 'quota';

export interface InProcessClient extends FakeCloudClient {
  /** Calls of each kind so far, refused ones too. */
  calls(): CallCounts;
  forgetCalls(): void;
}

type Answer = <Result>(name: string, ms: number, signal: AbortSignal, act: () => Result) => Promise<Result>;

const NO_CALLS: CallCounts = { issue: 0, create: 0, find: 0, describe: 0, list: 0, remove: 0, quota: 0 };

/** The state behind its port, with the staged delays. Without a delay no timer is made, so a create costs microseconds. */
export function createInProcessClient(state: FakeCloudState): InProcessClient {
  let calls = NO_CALLS;
  /** The effect comes first and the wait after it: a caller that gives up has a machine it does not know of. */
  const answer: Answer = async (name, ms, signal, act) => {
    signal.throwIfAborted();
    calls = { ...calls, [name]: (calls[name] ?? 0) + 1 };
    const result = act();
    if (ms > 0) await waitUnless(signal, ms);
    return result;
  };
  return {
    issue: (credentials, signal) => answer('issue', 0, signal, () => state.issue(credentials)),
    quota: (token, signal) => answer('quota', state.knobs().describeDelay, signal, () => state.quota(token)),
    power: (token, id, action, signal) => answer('power', state.knobs().createDelay, signal, () => state.power(token, id, action)),
    images: (token, signal) => answer('images', state.knobs().describeDelay, signal, () => state.images(token)),
    instances: resourceClient(state, '', state, answer),
    volumes: resourceClient(state, 'volumes.', state.volumes, answer),
    networks: resourceClient(state, 'networks.', state.networks, answer),
    attachments: resourceClient(state, 'attachments.', state.attachments, answer),
    calls: () => calls,
    forgetCalls: () => {
      calls = NO_CALLS;
    },
  };
}

function resourceClient<Request, View>(state: FakeCloudState, prefix: string, things: ResourceCalls<Request, View>, answer: Answer): FakeResourceClient<Request, View> {
  const asked = <Result>(name: string, signal: AbortSignal, act: () => Result): Promise<Result> => answer(prefix + name, state.knobs().describeDelay, signal, act);
  return {
    create: (token, request, signal) => answer(`${prefix}create`, state.knobs().createDelay, signal, () => things.create(token, request)),
    remove: (token, id, signal) => answer(`${prefix}remove`, 0, signal, () => things.remove(token, id)),
    find: (token, clientToken, signal) => asked('find', signal, () => things.find(token, clientToken)),
    describe: (token, id, signal) => asked('describe', signal, () => things.describe(token, id)),
    list: (token, signal) => asked('list', signal, () => things.list(token)),
  };
}

async function waitUnless(signal: AbortSignal, ms: number): Promise<void> {
  await delay(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new FogbowError('cloud-unavailable', 'The fake cloud did not answer in time.', { cause });
  });
}
