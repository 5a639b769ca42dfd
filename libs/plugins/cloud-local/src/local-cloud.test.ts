import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import { createLocalFixture, freeRanges, SIZE } from './local-cloud-fixture.js';
import type { LocalFixture } from './local-cloud-fixture.js';

// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let fixture: LocalFixture;
beforeAll(async () => {
  fixture = await createLocalFixture();
});
afterAll(() => fixture.dispose());

const withRoomFor = (maxInstances: number) => (): Promise<CloudUnderTest> => Promise.resolve({
  plugin: fixture.cloud({ maxInstances, maxVcpu: maxInstances * SIZE.vcpu, maxRamMb: maxInstances * SIZE.ramMb, ...(maxInstances === 1 ? { maxVolumes: 1 } : {}) }),
  credentials: {},
  full: withRoomFor(1),
  dispose: () => Promise.resolve(),
});

const noTokens = 'it has no tokens: whoever may run the Manager may use its host';
const options = { size: SIZE, bootTimeoutMs: 30_000 };
computeCloudSuite('cloud-local', withRoomFor(2), { ...options, skips: { 'C4-token': noTokens, 'I1-wrong': 'it has no credentials' } });
volumeCloudSuite('cloud-local', withRoomFor(2), { ...options, skips: { 'V4-token': noTokens } });
networkCloudSuite('cloud-local', withRoomFor(2), {
  ...options, ranges: freeRanges(), unservable: ['10.0.0.0/24', '126.0.0.0/8', '127.0.0.0/8', '127.0.1.0/24', '126.0.0.0/7'], skips: { 'N3-token': noTokens },
});
attachmentCloudSuite('cloud-local', withRoomFor(2), { ...options, skips: { 'A4-token': noTokens } });
computePowerSuite('cloud-local', withRoomFor(2), { ...options, skips: { 'W4-token': noTokens } });
imageCatalogueSuite('cloud-local', withRoomFor(2), { ...options, skips: { 'G1-token': noTokens } });
