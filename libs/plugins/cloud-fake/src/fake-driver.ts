import { DEFAULT_CAPABILITIES, FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, CloudPlugin, ComputePower, OptionalAbilities, PowerAction } from '@fogbow/plugin-contracts';
import type { FakeCloudClient, FakeResourceClient } from './fake-client.js';

export const ABILITIES = ['volumes', 'networks', 'attachments', 'power', 'images'] as const satisfies readonly (keyof OptionalAbilities)[];

export interface FakeDriverOptions {
  readonly bootsUserData: boolean;
  /** Optional abilities that the cloud shall not have. */
  readonly lacks: readonly string[];
  readonly powerActions: readonly PowerAction[];
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
      ...resourceDriver(client.instances),
      quota: ({ token, signal }) => client.quota(token.value, signal),
    },
    ...abilitiesOf(client, options),
    start: async () => options.start?.(),
    stop: async () => options.stop?.(),
  };
}

function abilitiesOf(client: FakeCloudClient, { lacks, powerActions }: FakeDriverOptions): OptionalAbilities {
  const { create: attach, remove: detach, ...attachments } = resourceDriver(client.attachments);
  const all: Required<OptionalAbilities> = {
    volumes: resourceDriver(client.volumes),
    networks: resourceDriver(client.networks),
    attachments: { ...attachments, attach, detach },
    power: powerDriver(client, powerActions),
    images: { list: ({ token, signal }) => client.images(token.value, signal) },
  };
  return Object.fromEntries(ABILITIES.filter((name) => !lacks.includes(name)).map((name) => [name, all[name]]));
}

function resourceDriver<Request, View>(client: FakeResourceClient<Request, View>) {
  return {
    create: (request: Request, { token, signal }: CloudCall) => client.create(token.value, request, signal),
    find: (clientToken: string, { token, signal }: CloudCall) => client.find(token.value, clientToken, signal),
    describe: (id: string, { token, signal }: CloudCall) => client.describe(token.value, id, signal),
    list: ({ token, signal }: CloudCall) => client.list(token.value, signal),
    remove: (id: string, { token, signal }: CloudCall) => client.remove(token.value, id, signal),
  };
}

function powerDriver(client: FakeCloudClient, actions: readonly PowerAction[]): ComputePower {
  return {
    actions,
    async perform(id, action, { token, signal }) {
      if (!actions.includes(action)) throw new FogbowError('method-not-allowed', `This fake cloud does not offer ${action}.`);
      await client.power(token.value, id, action, signal);
    },
  };
}
