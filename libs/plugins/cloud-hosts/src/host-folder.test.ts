import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudCall, CloudPlugin, Instance } from '@fogbow/plugin-contracts';
import { hostsCloud } from './hosts-cloud.js';

// With the real QEMU where this machine has it; its machines have an empty disk and look for a system for as long as they are let.
jest.setTimeout(60_000);
const hasQemu = ['qemu-system-x86_64', 'qemu-img', 'genisoimage'].every((name) => existsSync(join('/usr/bin', name)));
const describeQemu = hasQemu ? describe : describe.skip;

const SIZE = { vcpu: 1, ramMb: 32, diskGb: 1 };
const call: CloudCall = { token: { value: '' }, signal: AbortSignal.timeout(60_000) };
const request = (clientToken: string) => ({ clientToken, size: SIZE, userData: [] });

let folder = '';
const clouds: CloudPlugin[] = [];
const at = (...names: string[]): string => join(folder, 'h', ...names);

beforeEach(() => {
  folder = mkdtempSync(join('/tmp', 'hf-'));
  if (hasQemu) execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, 'base'), '8M']);
});
afterEach(async () => {
  for (const { compute } of clouds) for (const { id } of await compute.list(call).catch((): Instance[] => [])) await compute.remove(id, call);
  for (const cloud of clouds.splice(0)) await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

function open(directory = 'm', machines = 4, images: object = { images: { empty: join(folder, 'base') } }): CloudPlugin {
  const hosts = { h: { at: 'local', directory: at(), machines, vcpu: 8, ramMb: 1024, diskGb: 50 } };
  const cloud = hostsCloud.create({ directory: join(folder, directory), hosts, ...images, stopTimeout: 1 }, { memberId: 'm', now: () => new Date(), log: { info: () => undefined, warn: () => undefined } });
  clouds.push(cloud);
  return cloud;
}
const pidOf = (token: string): number => Number(readFileSync(at('machines', token, 'pid'), 'utf8'));
const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('guest=');

/** As after a boot of the host: no process, and the mark of another boot. */
async function bootHost(token: string): Promise<void> {
  const pid = pidOf(token);
  process.kill(pid, 'SIGKILL');
  while (isRunning(pid)) await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(at('machines', token, 'boot'), 'another-boot\n');
}

describeQemu('a folder of a host', () => {
  it('has one machine of a name, whichever of two Managers makes it', async () => {
    const [left, right] = [open(), open()];
    const made = await Promise.all([left, right, left, right].map(({ compute }) => compute.create(request('one'), call)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(readdirSync(at('machines'))).toEqual(['one']);
  });

  it('takes no more than its host gives, from two Managers at once', async () => {
    const [left, right] = [open('m', 1), open('m', 1)];
    const outcomes = await Promise.allSettled([left.compute.create(request('one'), call), right.compute.create(request('two'), call)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(readdirSync(at('machines'))).toHaveLength(1);
  });

  it('is of one cloud', async () => {
    await open('m').compute.create(request('one'), call);
    const other = open('other').compute;
    const outcomes = await Promise.allSettled([other.list(call), other.create(request('two'), call), other.quota(call)]);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { code: 'cloud-unavailable', message: expect.stringMatching(/belongs to another cloud/) as string } });
    expect(readdirSync(at('machines'))).toEqual(['one']);
  });

  it('is left as it is by whoever only examines it, whoever it belongs to by then', async () => {
    expect(await open().examine?.(call)).toBe('its host answers and has all programs');
    expect(readdirSync(folder)).toEqual(['base']);
    await open('m').compute.create(request('one'), call);
    expect(await open('m').examine?.(call)).toMatch(/answers/);
    expect(await open('never-started').examine?.(call)).toMatch(/answers/);
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'cloud-id'), 'other');
    await expect(open('other').examine?.(call)).rejects.toMatchObject({ code: 'cloud-unavailable', message: expect.stringMatching(/belongs to another cloud/) as string });
    expect(readdirSync(folder).sort()).toEqual(['base', 'h', 'm', 'other']);
  });

  it('is found again by a Manager that was started anew, with the same processes', async () => {
    const { id } = await open().compute.create(request('one'), call);
    const pid = pidOf('one');
    const again = open();
    await again.start(call.signal);
    expect(await again.compute.describe(id, call)).toMatchObject({ id, state: 'active' });
    expect(pidOf('one')).toBe(pid);
  });

  it('tells a machine that was killed from one that ended in order', async () => {
    const { compute } = open();
    const [killed, ended] = [await compute.create(request('killed'), call), await compute.create(request('ended'), call)];
    const pids = ['killed', 'ended'].map(pidOf);
    process.kill(pids[0] ?? 0, 'SIGKILL');
    process.kill(pids[1] ?? 0, 'SIGTERM');
    while (pids.some(isRunning)) await new Promise((resolve) => setImmediate(resolve));
    expect(await compute.describe(killed.id, call)).toMatchObject({ state: 'failed', fault: expect.stringMatching(/ended from outside/) as string });
    expect(await compute.describe(ended.id, call)).toMatchObject({ state: 'inactive' });
  });

  it('starts its machines again after a boot of its host, but not one that its user stopped', async () => {
    const { compute, power } = open();
    const [one, off] = [await compute.create(request('one'), call), await compute.create(request('off'), call)];
    await power?.perform(off.id, 'stop', call);
    await bootHost('one');
    await bootHost('off');
    expect(await compute.describe(one.id, call)).toMatchObject({ state: 'active' });
    expect(await compute.describe(off.id, call)).toMatchObject({ state: 'inactive' });
    expect([isRunning(pidOf('one')), isRunning(pidOf('off'))]).toEqual([true, false]);
  });

  it('says in QEMU’s words why a machine cannot be started', async () => {
    const { compute } = open();
    const { id } = await compute.create(request('one'), call);
    await bootHost('one');
    renameSync(join(folder, 'base'), join(folder, 'gone'));
    expect(await compute.describe(id, call)).toMatchObject({ state: 'failed', fault: expect.stringMatching(/cannot be started: .*base/) as string });
    await compute.remove(id, call);
    expect(readdirSync(at('machines'))).toEqual([]);
  });

  it('is cleared of what makers and removers that died have left', async () => {
    const cloud = open();
    const { id } = await cloud.compute.create(request('one'), call);
    const pid = pidOf('one');
    renameSync(at('machines', 'one'), at('machines', `.gone-${id}`));
    mkdirSync(at('machines', '.new-old'));
    mkdirSync(at('machines', '.new-young'));
    utimesSync(at('machines', '.new-old'), 1e9, 1e9);
    await open().start(call.signal);
    expect(readdirSync(at('machines'))).toEqual(['.new-young']);
    expect(isRunning(pid)).toBe(false);
  });

  it('has machines that keep the image that was given to it, when the settings have it no more', async () => {
    const given = { images: { given: { file: join(folder, 'base') } }, imageFolder: join(folder, 'cache') };
    const { compute, images } = open('m', 4, given);
    expect(await images?.list(call)).toEqual([{ id: 'given', name: 'given' }]);
    const { id } = await compute.create(request('one'), call);
    expect(await images?.list(call)).toEqual([{ id: 'given', name: 'given', minDiskGb: 1 }]);
    expect(readdirSync(at('images'))).toHaveLength(1);
    await open('m').start(call.signal);
    rmSync(join(folder, 'base'));
    expect(readdirSync(at('images'))).toEqual([]);
    await bootHost('one');
    expect(await open('m').compute.describe(id, call)).toMatchObject({ state: 'active' });
  });

  it('has a volume once, also where the Manager that gave it does not know that it did', async () => {
    const { compute, volumes, attachments } = open();
    const { id: instanceId } = await compute.create(request('one'), call);
    const volume = await volumes?.create({ clientToken: 'v', sizeGb: 1 }, call);
    const wish = { clientToken: 'a', volumeId: volume?.id ?? '', instanceId };
    const made = await attachments?.attach(wish, call);
    const file = join(folder, 'm', 'attachments', 'a.json');
    const noted = readFileSync(file, 'utf8');
    writeFileSync(file, noted.replace('"plugged":true', '"plugged":false'));
    expect(await open().attachments?.attach(wish, call)).toEqual({ ...made, state: 'active' });
    expect(readFileSync(file, 'utf8')).toBe(noted);
  });

  it('makes nothing of a base that is no image, and another host would be tried', async () => {
    const { compute } = open();
    rmSync(join(folder, 'base'));
    await expect(compute.create(request('one'), call)).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(/cannot use the image empty/) as string });
    expect(readdirSync(at('machines'))).toEqual([]);
  });
});
