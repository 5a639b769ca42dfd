import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostsCloud } from './hosts-cloud.js';

const room = { machines: 1, vcpu: 1, ramMb: 64, diskGb: 1 };
const local = { at: 'local', directory: '/srv/fogbow', ...room };
const ssh = { ...local, at: 'ssh://fogbow@h2.example', keyFile: __filename, hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKBcTULW8Ijlm7d1pNVU9QbvgZ0hXgvLbYGyWlA2p3hC' };
const good = { directory: '/m', images: { debian: '/srv/debian.qcow2' }, hosts: { a: local, b: ssh, c: { ...ssh, at: 'ssh://root@[::1]:2222/' } } };
const faults = (values: Record<string, unknown>): string => (hostsCloud.check?.({ ...good, ...values }) ?? []).join('\n');

it('takes good settings', () => expect(faults({})).toBe(''));
it('takes images from everywhere', () => expect(faults({ image: 'c', imageFolder: '/i', images: { a: '/srv/a.raw', b: 'https://x/b.qcow2', c: { file: '/srv/c', sha256: 'a'.repeat(64) } } })).toBe(''));

it.each<[Record<string, unknown>, RegExp]>([
  [{ hosts: {} }, /at least one host/],
  [{ hosts: { 'h.1': local } }, /the name "h\.1"/],
  [{ hosts: { a: 'local' } }, /a must be a map/],
  [{ hosts: { a: { ...local, ram: 1 } } }, /a: ram is not known/],
  [{ hosts: { a: { ...local, directory: 'srv' } } }, /directory must be an absolute path/],
  [{ hosts: { a: { ...local, directory: '/srv/../etc' } } }, /directory must be an absolute path/],
  [{ hosts: { a: { ...local, directory: `/${'x'.repeat(80)}` } } }, /at most 80/],
  [{ hosts: { a: { ...local, directory: '/srv/$(x)' } } }, /directory must be an absolute path/],
  [{ hosts: { a: { ...local, ramMb: undefined } } }, /ramMb must be a whole number/],
  [{ hosts: { a: { ...local, vcpu: -1 } } }, /vcpu must be a whole number/],
  [{ hosts: { a: { ...ssh, at: 'ssh://h2.example' } } }, /at must be local, or ssh/],
  [{ hosts: { a: { ...ssh, at: 'http://u@h2.example' } } }, /at must be local, or ssh/],
  [{ hosts: { a: { ...ssh, hostKey: undefined } } }, /needs hostKey/],
  [{ hosts: { a: { ...ssh, keyFile: undefined } } }, /needs keyFile/],
  [{ hosts: { a: { ...ssh, keyFile: '/nowhere/key' } } }, /not there: \/nowhere\/key/],
  [{ images: {} }, /at least one image/],
  [{ images: { a: 'b.qcow2' } }, /a must be the absolute path/],
  [{ image: 'other' }, /must have the image other/],
  [{ images: { a: { url: 'ftp://x' } }, imageFolder: '/i' }, /images\.a\.url must begin with http/],
  [{ images: { a: 'https://x/y.qcow2' } }, /imageFolder is missing/],
  [{ images: { a: 7 } }, /images\.a must be a map with url or file/],
])('refuses %j', (values, fault) => expect(faults(values)).toMatch(fault));

it('starts without its hosts, and says which does not answer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
  try {
    writeFileSync(join(folder, 'file'), '');
    const warnings: string[] = [];
    const log = { info: () => undefined, warn: (message: string, fields?: object) => void warnings.push(`${message} ${JSON.stringify(fields)}`) };
    const hosts = { a: { ...local, directory: join(folder, 'file', 'below') }, b: { ...ssh, at: 'ssh://x@127.0.0.1:1' } };
    const cloud = hostsCloud.create({ ...good, directory: join(folder, 'm'), hosts, connectTimeout: 2000 }, { memberId: 'm', now: () => new Date(), log });
    const call = { token: { value: '' }, signal: new AbortController().signal };
    await cloud.start(call.signal);
    expect(warnings.join()).toMatch(/"host":"a".*"host":"b"|"host":"b".*"host":"a"/);
    const id = (host: string): string => `${host}.t-00000000`;
    const calls = [cloud.compute.list(call), cloud.compute.quota(call), cloud.compute.describe(id('a'), call), cloud.compute.describe(id('b'), call), cloud.compute.create({ clientToken: 't', size: { vcpu: 1, ramMb: 1, diskGb: 1 }, userData: [] }, call)];
    for (const outcome of await Promise.allSettled(calls)) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'cloud-unavailable' } });
    expect(await cloud.compute.describe(id('none'), call)).toBeUndefined();
    await cloud.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
