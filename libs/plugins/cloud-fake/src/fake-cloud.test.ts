import { computeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { fakeCloud } from './fake-cloud.js';
import { createFakeCloudState } from './fake-state.js';
import type { FakeKnobs } from './fake-knobs.js';
import { createInProcessClient } from './in-process-client.js';
import { serveFakeCloud } from './serve-fake-cloud.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const credentials = { username: 'manager', password: 'right' };
const options = { wrongCredentials: { username: 'manager', password: 'wrong' } };
const SOME: Partial<FakeKnobs> = { maxInstances: 2, bootDelay: 30, tokenLifetime: 60_000, password: 'right' };

const inProcess = (knobs: Partial<FakeKnobs>) => (): Promise<CloudUnderTest> => Promise.resolve({
  plugin: fakeCloud.create({ ...knobs }, host),
  credentials,
  full: inProcess({ ...knobs, maxInstances: 1 }),
  dispose: () => Promise.resolve(),
});

const overHttp = (knobs: Partial<FakeKnobs>) => async (): Promise<CloudUnderTest> => {
  const state = createFakeCloudState({ now: () => new Date(), knobs });
  const server = await serveFakeCloud({ state, client: createInProcessClient(state), host: '127.0.0.1', port: 0 });
  return {
    plugin: fakeCloud.create({ url: server.url, callTimeout: 5000 }, host),
    credentials,
    full: overHttp({ ...knobs, maxInstances: 1 }),
    dispose: () => server.close(),
  };
};

computeCloudSuite('cloud-fake in this process', inProcess(SOME), options);
computeCloudSuite('cloud-fake over HTTP', overHttp(SOME), options);
