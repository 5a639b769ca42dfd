import type { CloudPlugin, PluginHost, PluginModule, SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { createFakeDriver } from './fake-driver.js';
import { NO_KNOBS, REFUSALS } from './fake-knobs.js';
import type { FakeKnobs } from './fake-knobs.js';
import { createFakeCloudState } from './fake-state.js';
import { createHttpClient } from './http-client.js';
import { createInProcessClient } from './in-process-client.js';
import { serveFakeCloud } from './serve-fake-cloud.js';
import type { FakeServer } from './serve-fake-cloud.js';

const settings: SettingsTable = {
  url: { type: 'url', optional: true, meaning: 'Address of a fake cloud that runs as a server; absent: one inside this process, which forgets all at its end. With a url the knobs are those of the server.' },
  controlPort: { type: 'port', optional: true, meaning: 'Loopback port of the control API of a fake cloud inside this process; absent: none.' },
  bootsUserData: { type: 'boolean', default: false, meaning: 'Claim that machines run their user data; they do not.' },
  callTimeout: { type: 'duration', default: '30s', meaning: 'How long one call to the server may take.' },
  createDelay: { type: 'duration', default: '0ms', meaning: 'How long a create takes to answer.' },
  bootDelay: { type: 'duration', default: '0ms', meaning: 'From create to active.' },
  describeDelay: { type: 'duration', default: '0ms', meaning: 'How long each question takes.' },
  refuse: { type: 'string', default: 'none', oneOf: REFUSALS, meaning: 'How creates are refused.' },
  refuseCount: { type: 'integer', optional: true, min: 0, meaning: 'How many creates are refused; absent: all.' },
  neverBoot: { type: 'boolean', default: false, meaning: 'Machines stay inactive.' },
  vanishAfter: { type: 'duration', optional: true, meaning: 'A machine is gone this long after its create.' },
  failAfter: { type: 'duration', optional: true, meaning: 'A machine fails this long after its create.' },
  tokenLifetime: { type: 'duration', optional: true, meaning: 'Lifetime of a token; absent: it does not expire.' },
  outage: { type: 'boolean', default: false, meaning: 'Every call answers cloud-unavailable.' },
  maxInstances: { type: 'integer', optional: true, min: 0, meaning: 'Machines that an account may have.' },
  maxVcpu: { type: 'integer', optional: true, min: 0, meaning: 'vCPUs that an account may use.' },
  maxRamMb: { type: 'integer', optional: true, min: 0, meaning: 'RAM in MB that an account may use.' },
  password: { type: 'string', optional: true, secret: true, meaning: 'What `password` of the credentials must be; absent: anything goes.' },
};

/** A cloud without machines, whose delays and failures are configuration: it stages what real clouds do at bad times. */
export const fakeCloud: PluginModule<CloudPlugin> = {
  name: 'cloud-fake',
  settings,
  create: (values, host) => (values['url'] === undefined ? createEmbedded(values, host) : createRemote(values)),
};

function createRemote(values: SettingValues): CloudPlugin {
  const client = createHttpClient(String(values['url']), { timeoutMs: Number(values['callTimeout'] ?? 30_000) });
  return createFakeDriver(client, { bootsUserData: values['bootsUserData'] === true, stop: () => Promise.resolve(client.close()) });
}

function createEmbedded(values: SettingValues, host: PluginHost): CloudPlugin {
  const state = createFakeCloudState({ now: () => host.now(), knobs: knobsOf(values) });
  const client = createInProcessClient(state);
  let server: FakeServer | undefined;
  return createFakeDriver(client, {
    bootsUserData: values['bootsUserData'] === true,
    start: async () => {
      if (values['controlPort'] === undefined) return;
      server = await serveFakeCloud({ state, client, host: '127.0.0.1', port: Number(values['controlPort']) });
      host.log.info('The control API of the fake cloud listens.', { url: server.url });
    },
    stop: async () => server?.close(),
  });
}

function knobsOf(values: SettingValues): Partial<FakeKnobs> {
  return Object.fromEntries(Object.keys(NO_KNOBS).filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}
