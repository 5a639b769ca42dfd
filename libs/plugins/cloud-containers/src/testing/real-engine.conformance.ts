import { computeCloudSuite, computePowerSuite, imageCatalogueSuite, networkCloudSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { containersCloud } from '../containers-cloud.js';

// Run by `npm run e2e -- containers`, which starts the engine and names its socket. Not a part of `npm test`: it needs root.
jest.setTimeout(120_000);

const SIZE = { vcpu: 1, ramMb: 128, diskGb: 1 };
const HOST = { memberId: 'site-c.example', now: () => new Date(), log: { info: () => undefined, warn: () => undefined } };
const socket = process.env['FOGBOW_ENGINE_SOCKET'] ?? '/nowhere';
let clouds = 0;

/** A cloud of its own for each rule: the prefix tells them apart in the one engine. */
const withRoomFor = (maxInstances: number) => (): Promise<CloudUnderTest> => {
  const plugin = containersCloud.create({
    socket, prefix: `c${(clouds += 1)}`, maxInstances, maxVcpu: maxInstances * SIZE.vcpu, maxRamMb: maxInstances * SIZE.ramMb, ...(maxInstances === 1 ? { maxVolumes: 1 } : {}),
  }, HOST);
  return Promise.resolve({ plugin, credentials: {}, full: withRoomFor(1), dispose: () => clear(plugin) });
};

/** A rule that failed must not leave its network in the way of the next one. */
async function clear({ compute, networks, volumes }: CloudPlugin): Promise<void> {
  const call = { token: { value: 'engine' }, signal: AbortSignal.timeout(30_000) };
  for (const things of [compute, networks, volumes]) for (const { id } of (await things?.list(call)) ?? []) await things?.remove(id, call);
}

const noTokens = 'an engine has no tokens: it knows the Manager by its socket or its certificate';
const options = { size: SIZE, bootTimeoutMs: 30_000 };
computeCloudSuite('cloud-containers', withRoomFor(2), { ...options, skips: { 'C4-token': noTokens, 'I1-wrong': noTokens } });
volumeCloudSuite('cloud-containers', withRoomFor(2), { ...options, skips: { 'V4-token': noTokens } });
networkCloudSuite('cloud-containers', withRoomFor(2), {
  ...options, ranges: ['10.77.0.0/30', '10.77.0.4/30'], unservable: ['127.20.0.0/24', '8.8.8.0/24', '224.0.0.0/24', '0.0.0.0/0', '172.0.0.0/8'], skips: { 'N3-token': noTokens },
});
computePowerSuite('cloud-containers', withRoomFor(2), { ...options, skips: { 'W4-token': noTokens } });
imageCatalogueSuite('cloud-containers', withRoomFor(2), { ...options, skips: { 'G1-token': noTokens } });
