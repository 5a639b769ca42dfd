import type { Attachment, AttachmentRequest, CloudCredentials, CloudToken, Image, Instance, InstanceRequest, Network, NetworkRequest, PowerAction, Volume, VolumeRequest } from '@fogbow/plugin-contracts';
import type { Quota } from '@fogbow/request-model';

/** The narrow port between the driver and a fake cloud, wherever it runs. Errors are those of the contracts. */
export interface FakeCloudClient {
  issue(credentials: CloudCredentials, signal: AbortSignal): Promise<CloudToken>;
  quota(token: string, signal: AbortSignal): Promise<Quota>;
  power(token: string, id: string, action: PowerAction, signal: AbortSignal): Promise<void>;
  images(token: string, signal: AbortSignal): Promise<readonly Image[]>;
  readonly instances: FakeResourceClient<InstanceRequest, Instance>;
  readonly volumes: FakeResourceClient<VolumeRequest, Volume>;
  readonly networks: FakeResourceClient<NetworkRequest, Network>;
  readonly attachments: FakeResourceClient<AttachmentRequest, Attachment>;
}

export interface FakeResourceClient<Request, View> {
  create(token: string, request: Request, signal: AbortSignal): Promise<View>;
  find(token: string, clientToken: string, signal: AbortSignal): Promise<View | undefined>;
  describe(token: string, id: string, signal: AbortSignal): Promise<View | undefined>;
  list(token: string, signal: AbortSignal): Promise<readonly View[]>;
  remove(token: string, id: string, signal: AbortSignal): Promise<void>;
}
