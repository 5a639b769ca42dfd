import type { Quota } from '@fogbow/request-model';
import { asFogbowError, limitTime } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputeCloud } from '@fogbow/plugin-contracts';
import { currentCorrelation } from '@fogbow/service-runtime';
import type { CloudTokens } from '../credentials/cloud-tokens.js';

/** What is wanted of the cloud, for those who count. */
export type CloudOperation = 'create' | 'find' | 'list' | 'describe' | 'remove' | 'power' | 'quota' | 'images';

/** Calls to the member's cloud, each with a token and a time limit. */
export interface CloudCalls {
  /** Runs the work; a token that the cloud refuses is replaced once. */
  run<T>(signal: AbortSignal, operation: CloudOperation, work: (call: CloudCall) => Promise<T>): Promise<T>;
  /** Undefined when the cloud does not say; then it is asked for the thing itself. */
  quota(signal: AbortSignal): Promise<Quota | undefined>;
}

export interface CloudCallsOptions {
  readonly compute: Pick<ComputeCloud, 'quota'>;
  readonly tokens: CloudTokens;
  readonly timeoutMs: number;
  /** Resolves when the cloud has been started; rejects while it cannot be. */
  readonly ready?: () => Promise<void>;
  /** Counts each call and hands its end on. */
  readonly measure?: <T>(operation: CloudOperation, work: () => Promise<T>) => Promise<T>;
}

export function createCloudCalls({ compute, tokens, timeoutMs, ready, measure = (_operation, work) => work() }: CloudCallsOptions): CloudCalls {
  const run: CloudCalls['run'] = (signal, operation, work) => measure(operation, async () => {
    await ready?.();
    const limited = limitTime(signal, timeoutMs);
    const token = await tokens.current();
    const requestId = currentCorrelation()?.requestId;
    const call = { signal: limited, ...(requestId === undefined ? {} : { requestId }) };
    try {
      return await work({ ...call, token });
    } catch (error) {
      if (asFogbowError(error).code !== 'cloud-unauthorized') throw error;
      await tokens.refused(token);
      return await work({ ...call, token: await tokens.current() });
    }
  });
  return { run, quota: (signal) => run(signal, 'quota', (call) => compute.quota(call)).catch(() => undefined) };
}
