import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { computeCloudSuite, computePowerSuite, imageCatalogueSuite } from '@fogbow/plugin-conformance';
import type { CloudUnderTest } from '@fogbow/plugin-conformance';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { hostsCloud } from '../hosts-cloud.js';

// Run by `npm run e2e -- hosts`, which brings QEMU. The rules are about processes of machines, so their disk has no system: it does not shut down by itself.
jest.setTimeout(120_000);

const SIZE = { vcpu: 1, ramMb: 64, diskGb: 1 };
const HOST = { memberId: 'site-h.example', now: () => new Date(), log: { info: () => undefined, warn: () => undefined } };
const folder = mkdtempSync(join('/tmp', 'fh-'));
const image = join(folder, 'empty.qcow2');
let clouds = 0;

beforeAll(() => void execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image, '16M']));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two hosts that give one machine each, both on this machine: so every rule is held across hosts. */
const withRoomFor = (machines: number) => (): Promise<CloudUnderTest> => {
  const home = join(folder, String((clouds += 1)));
  const hosts = Object.fromEntries(Array.from({ length: machines }, (_, index) => [`h${index}`, {
    at: 'local', directory: join(home, `h${index}`), machines: 1, vcpu: SIZE.vcpu, ramMb: SIZE.ramMb, diskGb: 10,
  }]));
  const plugin = hostsCloud.create({ directory: join(home, 'm'), hosts, images: { empty: image }, stopTimeout: 1 }, HOST);
  return Promise.resolve({ plugin, credentials: {}, full: withRoomFor(1), dispose: () => clear(plugin, home) });
};

/** A rule that failed must leave no process behind. */
async function clear({ compute }: CloudPlugin, home: string): Promise<void> {
  const call = { token: { value: 'hosts' }, signal: AbortSignal.timeout(30_000) };
  for (const { id } of await compute.list(call)) await compute.remove(id, call);
  rmSync(home, { recursive: true, force: true });
}

const noTokens = 'a host has no tokens: it knows the Manager by its key, or by its user';
const options = { size: SIZE, bootTimeoutMs: 30_000 };
computeCloudSuite('cloud-hosts', withRoomFor(2), { ...options, skips: { 'C4-token': noTokens, 'I1-wrong': noTokens } });
computePowerSuite('cloud-hosts', withRoomFor(2), { ...options, skips: { 'W4-token': noTokens } });
imageCatalogueSuite('cloud-hosts', withRoomFor(2), { ...options, skips: { 'G1-token': noTokens } });
