import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { attachmentCloudSuite, computeCloudSuite, computePowerSuite, imageCatalogueSuite, volumeCloudSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { hostsCloud } from '../hosts-cloud.js';

// Run by `npm run e2e -- hosts`, which brings QEMU. The rules are about processes of machines, so their disk has no system: it does not shut down by itself.
jest.setTimeout(240_000);

const SIZE = { vcpu: 1, ramMb: 64, diskGb: 1 };
const HOST = { memberId: 'site-h.example', now: () => new Date(), log: { info: () => undefined, warn: () => undefined } };
const folder = mkdtempSync(join('/tmp', 'fh-'));
const image = join(folder, 'empty.qcow2');
let clouds = 0;

beforeAll(() => void execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16M']));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An sshd of this machine, as `at`, `keyFile` and `hostKey` of a host. */
const far = JSON.parse(process.env['FOGBOW_FAR_HOST'] ?? '{}') as object;

/** Two hosts that give one machine each, this one and the same once more, by ssh where there is an sshd: so every rule is held across hosts. */
const withRoomFor = (machines: number) => (): Promise<CloudUnderTest> => {
  const home = newHome();
  const hosts = Object.fromEntries(Array.from({ length: machines }, (_, index) => [`h${index}`, {
    at: 'local', ...(index === 1 ? far : {}), directory: join(home, `h${index}`), machines: 1, vcpu: SIZE.vcpu, ramMb: SIZE.ramMb, diskGb: 10,
  }]));
  const plugin = hostsCloud.create({ directory: join(home, 'm'), hosts, images: { empty: image }, stopTimeout: 1 }, HOST);
  return Promise.resolve({ plugin, credentials: {}, full: withRoomFor(1), dispose: () => clear(plugin, home) });
};

const BOOTED = { vcpu: 1, ramMb: 256, diskGb: 2 };

/** One host, since a volume stays on the host of its first machine; its machines have a system, which has to let go of volumes. */
const withSystem = (machines: number, maxVolumes: number) => (): Promise<CloudUnderTest> => {
  const home = newHome();
  const hosts = { h0: { at: 'local', ...far, directory: join(home, 'h0'), machines, vcpu: 2, ramMb: 1024, diskGb: 10 } };
  const images = { system: process.env['FOGBOW_MACHINE_DISK'] ?? image };
  const plugin = hostsCloud.create({ directory: join(home, 'm'), hosts, images, maxVolumes, callTimeout: 120_000 }, HOST);
  return Promise.resolve({ plugin, credentials: {}, full: withSystem(1, 1), dispose: () => clear(plugin, home) });
};

const newHome = (): string => join(folder, String((clouds += 1)));

/** A rule that failed must leave no process behind. */
async function clear({ compute, stop }: CloudPlugin, home: string): Promise<void> {
  const call = { token: { value: 'hosts' }, signal: AbortSignal.timeout(30_000) };
  for (const { id } of await compute.list(call)) await compute.remove(id, call);
  await stop();
  rmSync(home, { recursive: true, force: true });
}

const noTokens = 'a host has no tokens: it knows the Manager by its key, or by its user';
const options = { size: SIZE, bootTimeoutMs: 30_000 };
computeCloudSuite('cloud-hosts', withRoomFor(2), { ...options, skips: { 'C4-token': noTokens, 'I1-wrong': noTokens } });
computePowerSuite('cloud-hosts', withRoomFor(2), { ...options, skips: { 'W4-token': noTokens } });
imageCatalogueSuite('cloud-hosts', withRoomFor(2), { ...options, skips: { 'G1-token': noTokens } });
const booted = { ...options, size: BOOTED };
volumeCloudSuite('cloud-hosts', withSystem(2, 9), { ...booted, skips: { 'V4-token': noTokens } });
attachmentCloudSuite('cloud-hosts', withSystem(2, 9), { ...booted, skips: { 'A4-token': noTokens } });
