import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { FakeCall, FakeCloudClient } from './fake-client.js';
import type { FakeCloudState } from './fake-state.js';

export type CallCounts = Readonly<Record<FakeCall, number>>;

export interface InProcessClient extends FakeCloudClient {
  /** Calls of each kind so far, refused ones too. */
  calls(): CallCounts;
  forgetCalls(): void;
}

const NO_CALLS: CallCounts = { issue: 0, create: 0, find: 0, describe: 0, list: 0, remove: 0, quota: 0 };

/** The state behind its port, with the staged delays. Without a delay no timer is made, so a create costs microseconds. */
export function createInProcessClient(state: FakeCloudState): InProcessClient {
  let calls = NO_CALLS;
  /** The effect comes first and the wait after it: a caller that gives up has a machine it does not know of. */
  const answer = async <Result>(kind: FakeCall, ms: number, signal: AbortSignal, act: () => Result): Promise<Result> => {
    signal.throwIfAborted();
    calls = { ...calls, [kind]: calls[kind] + 1 };
    const result = act();
    if (ms > 0) await waitUnless(signal, ms);
    return result;
  };
  const asked = <Result>(kind: FakeCall, signal: AbortSignal, act: () => Result): Promise<Result> =>
    answer(kind, state.knobs().describeDelay, signal, act);
  return {
    issue: (credentials, signal) => answer('issue', 0, signal, () => state.issue(credentials)),
    create: (token, request, signal) => answer('create', state.knobs().createDelay, signal, () => state.create(token, request)),
    remove: (token, id, signal) => answer('remove', 0, signal, () => state.remove(token, id)),
    find: (token, clientToken, signal) => asked('find', signal, () => state.find(token, clientToken)),
    describe: (token, id, signal) => asked('describe', signal, () => state.describe(token, id)),
    list: (token, signal) => asked('list', signal, () => state.list(token)),
    quota: (token, signal) => asked('quota', signal, () => state.quota(token)),
    calls: () => calls,
    forgetCalls: () => {
      calls = NO_CALLS;
    },
  };
}

async function waitUnless(signal: AbortSignal, ms: number): Promise<void> {
  await delay(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new FogbowError('cloud-unavailable', 'The fake cloud did not answer in time.', { cause });
  });
}
