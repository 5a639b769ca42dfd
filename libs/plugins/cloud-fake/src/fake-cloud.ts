import { FogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { CloudPlugin, PluginHost, PluginModule, PowerAction, SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { ABILITIES, createFakeDriver } from './fake-driver.js';
import type { FakeDriverOptions } from './fake-driver.js';
import { NO_KNOBS, REFUSALS, STAGED_KINDS } from './fake-knobs.js';
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
  lacks: { type: 'list', optional: true, meaning: `Optional abilities that this cloud shall not have, of ${ABILITIES.join(', ')}.` },
  powerActions: { type: 'list', optional: true, meaning: `What machines can be told, of ${POWER_ACTIONS.join(', ')}; absent: all.` },
  callTimeout: { type: 'duration', default: '30s', meaning: 'How long one call to the server may take.' },
  kinds: { type: 'list', optional: true, meaning: `What refuse, bootDelay, neverBoot, vanishAfter and failAfter are about, of ${STAGED_KINDS.join(', ')}; absent: instances.` },
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
  maxVolumes: { type: 'integer', optional: true, min: 0, meaning: 'Volumes that an account may have.' },
  maxVolumeGb: { type: 'integer', optional: true, min: 0, meaning: 'GB of all volumes of an account.' },
  maxNetworks: { type: 'integer', optional: true, min: 0, meaning: 'Networks that an account may have.' },
  images: { type: 'list', optional: true, meaning: 'The images that there are; absent: one, and any other name is taken too.' },
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
  return createFakeDriver(client, { ...driverOptions(values), stop: () => Promise.resolve(client.close()) });
}

function createEmbedded(values: SettingValues, host: PluginHost): CloudPlugin {
  const state = createFakeCloudState({ now: () => host.now(), knobs: knobsOf(values) });
  const client = createInProcessClient(state);
  let server: FakeServer | undefined;
  return createFakeDriver(client, {
    ...driverOptions(values),
    start: async () => {
      if (values['controlPort'] === undefined) return;
      server = await serveFakeCloud({ state, client, host: '127.0.0.1', port: Number(values['controlPort']) });
      host.log.info('The control API of the fake cloud listens.', { url: server.url });
    },
    stop: async () => server?.close(),
  });
}

function driverOptions(values: SettingValues): Pick<FakeDriverOptions, 'bootsUserData' | 'lacks' | 'powerActions'> {
  const chosen = <Name extends string>(setting: string, names: readonly Name[], otherwise: readonly Name[]): readonly Name[] => {
    const given = (values[setting] ?? otherwise) as readonly Name[];
    const unknown = given.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new FogbowError('bad-syntax', `cloud-fake: ${setting} knows ${names.join(', ')}, not ${unknown.join(', ')}.`);
    return given;
  };
  return {
    bootsUserData: values['bootsUserData'] === true,
    lacks: chosen('lacks', ABILITIES, []),
    powerActions: chosen<PowerAction>('powerActions', POWER_ACTIONS, POWER_ACTIONS),
  };
}

function knobsOf(values: SettingValues): Partial<FakeKnobs> {
  return Object.fromEntries(Object.keys(NO_KNOBS).filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}
