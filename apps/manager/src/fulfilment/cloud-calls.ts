import type { Quota } from '@fogbow/request-model';
import { asFogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, ComputeCloud, Instance } from '@fogbow/plugin-contracts';
import type { CloudTokens } from '../credentials/cloud-tokens.js';

/** Calls to the member's cloud, each with a token and a time limit. */
export interface CloudCalls {
  /** Runs the work; a token that the cloud refuses is replaced once. */
  run<T>(signal: AbortSignal, work: (compute: ComputeCloud, call: CloudCall) => Promise<T>): Promise<T>;
  list(signal: AbortSignal): Promise<readonly Instance[]>;
  /** Undefined when the cloud does not say; then it is asked for the machine itself. */
  quota(signal: AbortSignal): Promise<Quota | undefined>;
}

export interface CloudCallsOptions {
  readonly compute: ComputeCloud;
  readonly tokens: CloudTokens;
  readonly timeoutMs: number;
}

export function createCloudCalls({ compute, tokens, timeoutMs }: CloudCallsOptions): CloudCalls {
  const run: CloudCalls['run'] = async (signal, work) => {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const token = await tokens.current();
    try {
      return await work(compute, { token, signal: limited });
    } catch (error) {
      if (asFogbowError(error).code !== 'cloud-unauthorized') throw error;
      await tokens.refused(token);
      return await work(compute, { token: await tokens.current(), signal: limited });
    }
  };
  return {
    run,
    list: (signal) => run(signal, (cloud, call) => cloud.list(call)),
    quota: (signal) => run(signal, (cloud, call) => cloud.quota(call)).catch(() => undefined),
  };
}
