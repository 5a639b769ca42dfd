import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { fakeCloud } from './fake-cloud.js';
import { createFakeCloudState } from './fake-state.js';
import type { FakeKnobs } from './fake-knobs.js';
import { createInProcessClient } from './in-process-client.js';
import { serveFakeCloud } from './serve-fake-cloud.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const credentials = { username: 'manager', password: 'right' };
const options = { wrongCredentials: { username: 'manager', password: 'wrong' } };
const SOME: Partial<FakeKnobs> = { maxInstances: 2, bootDelay: 30, kinds: ['instances', 'volumes', 'networks', 'attachments'], tokenLifetime: 60_000, password: 'right' };

const inProcess = (knobs: Partial<FakeKnobs>, settings = {}) => (): Promise<CloudUnderTest> => Promise.resolve({
  plugin: fakeCloud.create({ ...knobs, ...settings }, host),
  credentials,
  full: inProcess({ ...knobs, maxInstances: 1, maxVolumes: 1 }),
  dispose: () => Promise.resolve(),
});

const overHttp = (knobs: Partial<FakeKnobs>) => async (): Promise<CloudUnderTest> => {
  const state = createFakeCloudState({ now: () => new Date(), knobs });
  const server = await serveFakeCloud({ state, client: createInProcessClient(state), host: '127.0.0.1', port: 0 });
  return {
    plugin: fakeCloud.create({ url: server.url, callTimeout: 5000 }, host),
    credentials,
    full: overHttp({ ...knobs, maxInstances: 1, maxVolumes: 1 }),
    dispose: () => server.close(),
  };
};

for (const [name, factory] of [['in this process', inProcess(SOME)], ['over HTTP', overHttp(SOME)]] as const) {
  computeCloudSuite(`cloud-fake ${name}`, factory, options);
  volumeCloudSuite(`cloud-fake ${name}`, factory);
  networkCloudSuite(`cloud-fake ${name}`, factory, { ranges: ['10.20.0.0/30', '10.20.0.4/30'] });
  attachmentCloudSuite(`cloud-fake ${name}`, factory);
  computePowerSuite(`cloud-fake ${name}`, factory);
  imageCatalogueSuite(`cloud-fake ${name}`, factory);
}
computePowerSuite('cloud-fake that can stop only', inProcess({ ...SOME }, { powerActions: ['stop', 'start'] }));
