import { computeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { createLocalFixture, SIZE } from './local-cloud-fixture.js';
import type { LocalFixture } from './local-cloud-fixture.js';

// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let fixture: LocalFixture;
beforeAll(async () => {
  fixture = await createLocalFixture();
});
afterAll(() => fixture.dispose());

const withRoomFor = (maxInstances: number) => (): Promise<CloudUnderTest> => Promise.resolve({
  plugin: fixture.cloud({ maxInstances, maxVcpu: maxInstances * SIZE.vcpu, maxRamMb: maxInstances * SIZE.ramMb }),
  credentials: {},
  full: withRoomFor(1),
  dispose: () => Promise.resolve(),
});

computeCloudSuite('cloud-local', withRoomFor(2), {
  size: SIZE,
  skips: { 'C4-token': 'it has no tokens: whoever may run the Manager may use its host', 'I1-wrong': 'it has no credentials' },
});
