import type { Attachment, AttachmentRequest, CloudCredentials, CloudToken, Image, Instance, InstanceRequest, Network, NetworkRequest, PowerAction, Volume, VolumeRequest } from '@fogbow/plugin-contracts';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Quota } from '@fogbow/request-model';
import type { FakeCore } from './fake-core.js';
import { attachmentRules, machineRules, networkRules, volumeRules } from './kind-rules.js';
import { switchMachine } from './power-calls.js';
import { accountOf, quotaOf, refuseInOutage, resourceCalls } from './resource-calls.js';
import type { ResourceCalls } from './resource-calls.js';

/** What clients of the cloud use; the five calls at the top are about machines. */
export interface DataCalls extends ResourceCalls<InstanceRequest, Instance> {
  issue(credentials: CloudCredentials): CloudToken;
  quota(token: string): Quota;
  power(token: string, id: string, action: PowerAction): void;
  images(token: string): Image[];
  readonly volumes: ResourceCalls<VolumeRequest, Volume>;
  readonly networks: ResourceCalls<NetworkRequest, Network>;
  readonly attachments: ResourceCalls<AttachmentRequest, Attachment>;
}

export function dataCalls(core: FakeCore): DataCalls {
  return {
    ...resourceCalls(core, machineRules),
    volumes: resourceCalls(core, volumeRules),
    networks: resourceCalls(core, networkRules),
    attachments: resourceCalls(core, attachmentRules),
    issue: (credentials) => issueToken(core, credentials),
    quota: (token) => quotaOf(core, accountOf(core, token)),
    power: (token, id, action) => switchMachine(core, token, id, action),
    images(token) {
      accountOf(core, token);
      return (core.knobs().images ?? ['fogbow-linux']).map((name) => ({ id: name, name }));
    },
  };
}

function issueToken({ books, now, knobs, commit }: FakeCore, credentials: CloudCredentials): CloudToken {
  const { password, tokenLifetime } = knobs();
  refuseInOutage(knobs());
  if (password !== null && credentials['password'] !== password) throw new FogbowError('cloud-unauthorized', 'The fake cloud has another password.');
  const value = books.freshId('token', now());
  const account = credentials['username'] ?? 'fogbow';
  if (tokenLifetime === null) {
    commit({ kind: 'token', value, account });
    return { value };
  }
  const expiresAt = now() + tokenLifetime;
  commit({ kind: 'token', value, account, expiresAt });
  return { value, expiresAt: new Date(expiresAt) };
}
