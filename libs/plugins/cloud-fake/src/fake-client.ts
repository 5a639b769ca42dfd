import type { CloudCredentials, CloudToken, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import type { Quota } from '@fogbow/request-model';

/** The narrow port between the driver and a fake cloud, wherever it runs. Errors are those of the contracts. */
export interface FakeCloudClient {
  issue(credentials: CloudCredentials, signal: AbortSignal): Promise<CloudToken>;
  create(token: string, request: InstanceRequest, signal: AbortSignal): Promise<Instance>;
  find(token: string, clientToken: string, signal: AbortSignal): Promise<Instance | undefined>;
  describe(token: string, id: string, signal: AbortSignal): Promise<Instance | undefined>;
  list(token: string, signal: AbortSignal): Promise<readonly Instance[]>;
  remove(token: string, id: string, signal: AbortSignal): Promise<void>;
  quota(token: string, signal: AbortSignal): Promise<Quota>;
}

export type FakeCall = keyof FakeCloudClient;
