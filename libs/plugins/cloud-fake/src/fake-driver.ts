import { DEFAULT_CAPABILITIES } from '@fogbow/plugin-contracts';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import type { FakeCloudClient } from './fake-client.js';

export interface FakeDriverOptions {
  readonly bootsUserData: boolean;
  /** Run at start and stop of the plugin; start may be called once only. */
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
}

/** The contracts over the port: the same for a fake in this process and one behind HTTP. */
export function createFakeDriver(client: FakeCloudClient, options: FakeDriverOptions): CloudPlugin {
  return {
    identity: { issue: (credentials, signal) => client.issue(credentials, signal) },
    compute: {
      capabilities: { ...DEFAULT_CAPABILITIES, atomicCreate: true, bootsUserData: options.bootsUserData },
      create: (request, { token, signal }) => client.create(token.value, request, signal),
      find: (clientToken, { token, signal }) => client.find(token.value, clientToken, signal),
      describe: (id, { token, signal }) => client.describe(token.value, id, signal),
      list: ({ token, signal }) => client.list(token.value, signal),
      remove: (id, { token, signal }) => client.remove(token.value, id, signal),
      quota: ({ token, signal }) => client.quota(token.value, signal),
    },
    start: async () => options.start?.(),
    stop: async () => options.stop?.(),
  };
}
