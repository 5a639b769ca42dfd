import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { CloudPlugin, Instance, Network, NetworkRequest, Volume } from '@fogbow/plugin-contracts';
import { CALL, createLocalFixture, freeRanges, run, sshOptions } from './local-cloud-fixture.js';
import type { LocalFixture } from './local-cloud-fixture.js';
import { overlapOf, refusalOf } from './local-networks.js';
import { folderOf } from './machine-folder.js';
import { processesOf } from './machine-processes.js';
import { statOf } from './process-identity.js';
import { stopHost } from './stop-host.js';

// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let fixture: LocalFixture;
let directory: string;
let cloud: Required<CloudPlugin>;
let rounds = 0;
beforeAll(async () => {
  fixture = await createLocalFixture();
});
beforeEach(() => {
  directory = join(fixture.folder, `resources-${rounds++}`);
  cloud = cloudHere();
});
afterEach(() => stopHost(directory));
afterAll(() => fixture.dispose());

const cloudHere = (settings = {}): Required<CloudPlugin> => fixture.cloud({ directory, ...settings }) as Required<CloudPlugin>;
const machine = async (name: string, networkIds?: string[]): Promise<Instance & { port: number }> => {
  const { id } = await cloud.compute.create({ ...fixture.request(name), ...(networkIds ? { networkIds } : {}) }, CALL);
  return fixture.active(cloud, id);
};
const said = async (port: number, command: string): Promise<string> => {
  const { stdout, stderr, status } = await fixture.ssh(port, command);
  return status === 0 ? stdout : `${status}: ${stderr}`;
};

describe('an attached volume', () => {
  const volumeOf = (name: string, sizeGb = 1): Promise<Volume> => cloud.volumes.create({ clientToken: name, sizeGb }, CALL);
  const attach = (name: string, volumeId: string, instanceId: string, device?: string) =>
    cloud.attachments.attach({ clientToken: name, volumeId, instanceId, ...(device === undefined ? {} : { device }) }, CALL);

  it('has after a detach, on another machine, what was written to it on the first', async () => {
    const [volume, first, second] = [await volumeOf('data', 5), await machine('first'), await machine('second')];
    const attachment = await attach('one', volume.id, first.id, '/dev/vdc');
    expect(attachment.device).toBe('~/dev/vdc');
    expect(await said(first.port, 'stat -c %s ~/dev/vdc; echo precious | dd of=dev/vdc bs=1M seek=3000 conv=notrunc status=none')).toBe(`${5 * 2 ** 30}\n`);
    await cloud.attachments.detach(attachment.id, CALL);
    expect(await said(first.port, 'ls dev')).toBe('');
    await attach('two', volume.id, second.id);
    expect(await said(second.port, 'dd if=dev/vdc bs=1M skip=3000 count=1 status=none | head -c 9; du -m dev/vdc | cut -f 1')).toBe('precious\n1\n');
  });

  it('is there again after the machine was switched off and on, also if its name was deleted', async () => {
    const [volume, { id, port }] = [await volumeOf('data'), await machine('rebooted')];
    await attach('one', volume.id, id, 'disk1');
    await said(port, 'printf kept | dd of=dev/disk1 conv=notrunc status=none; rm dev/disk1');
    await cloud.power.perform(id, 'restart', CALL);
    const { port: after } = await fixture.active(cloud, id);
    expect(await said(after, 'head -c 4 dev/disk1')).toBe('kept');
  });

  it('may be attached to a machine that is off', async () => {
    const [volume, { id }] = [await volumeOf('data'), await machine('off')];
    await cloud.power.perform(id, 'stop', CALL);
    await attach('one', volume.id, id);
    await cloud.power.perform(id, 'start', CALL);
    expect(await said((await fixture.active(cloud, id)).port, 'ls dev')).toBe('vdc\n');
  });

  it('has its size again after a program has cut it', async () => {
    const [volume, { id, port }] = [await volumeOf('data'), await machine('cutter')];
    const { id: attachmentId } = await attach('one', volume.id, id);
    await said(port, 'echo short > dev/vdc');
    await cloud.attachments.detach(attachmentId, CALL);
    await attach('two', volume.id, id);
    expect(await said(port, 'stat -c %s dev/vdc; head -n 1 dev/vdc')).toBe(`${2 ** 30}\nshort\n`);
  });

  it('leaves a file of the machine alone that has its name', async () => {
    const [volume, { id, port }] = [await volumeOf('data'), await machine('owner')];
    await said(port, 'mkdir dev; echo mine > dev/vdc');
    await expect(attach('one', volume.id, id, 'vdc')).rejects.toMatchObject({ code: 'conflict' });
    expect(await said(port, 'cat dev/vdc')).toBe('mine\n');
    expect((await cloud.volumes.describe(volume.id, CALL))?.attachedTo).toBeUndefined();
    const { id: attachmentId } = await attach('two', volume.id, id, 'vdd');
    await said(port, 'rm dev/vdd; echo replaced > dev/vdd');
    await cloud.attachments.detach(attachmentId, CALL);
    expect(await said(port, 'cat dev/vdd')).toBe('replaced\n');
  });

  it.each(['../vdc', '/dev/../x', 'VDC', '/etc/passwd', ''])('is not given the name %j', async (device) => {
    const [volume, { id }] = [await volumeOf('data'), await machine('named')];
    await expect(attach('one', volume.id, id, device)).rejects.toMatchObject({ code: 'cloud-rejected' });
  });

  it('outlives its machine, and takes no room that nobody wrote', async () => {
    const [volume, { id, port }] = [await volumeOf('data', 40), await machine('mortal')];
    await attach('one', volume.id, id);
    await said(port, 'printf still | dd of=dev/vdc conv=notrunc status=none');
    process.kill(folderOf(directory, 'test-mortal').process()?.pid ?? 0, 'SIGKILL');
    const file = join(directory, 'volumes', `${volume.id}.data`);
    expect(statSync(file).blocks * 512).toBeLessThan(1e6);
    const heir = await machine('heir');
    await attach('two', volume.id, heir.id);
    expect(await said(heir.port, 'head -c 5 dev/vdc')).toBe('still');
  });
});

describe('a network', () => {
  const network = (name: string, more: Partial<NetworkRequest> = {}): Promise<Network> =>
    cloud.networks.create({ clientToken: name, cidr: freeRanges()[0].replace('/30', '/29'), allocation: 'dynamic', ...more }, CALL);
  const addressOf = ({ networks = [] }: Instance): string => networks[0]?.address ?? '';
  const occupy = (host: string, port: number): Promise<Server> => new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
  const free = (server: Server): Promise<void> => new Promise((done) => server.close(() => done()));

  it('lets its machines reach each other by address, with the key that they know', async () => {
    const { id } = await network('lan');
    const [one, other] = await Promise.all([machine('one', [id]), machine('other', [id])]);
    expect(addressOf(one)).not.toBe(addressOf(other));
    expect((await run('ssh-keyscan', ['-t', 'ed25519', '-p', '2222', addressOf(other)])).stdout).toContain(other.sshHostKey ?? 'no key');
    const key = readFileSync(join(fixture.folder, 'key'), 'utf8');
    await run('ssh', [...sshOptions(join(fixture.folder, 'key')), '-p', String(one.port), 'fogbow@127.0.0.1', 'umask 077; cat > key'], { input: key });
    const hop = `ssh ${sshOptions('key').map((word) => `'${word}'`).join(' ')} -p 2222 fogbow@${addressOf(other)}`;
    expect(await said(one.port, `${hop} 'echo "$HOSTNAME $FOGBOW_ADDRESSES"'`)).toBe(`test-other ${addressOf(other)}\n`);
  });

  it('gives a machine its address again after a restart', async () => {
    const { id } = await network('lan');
    const before = await machine('again', [id]);
    await cloud.power.perform(before.id, 'restart', CALL);
    expect((await fixture.active(cloud, before.id)).networks).toEqual(before.networks);
    expect((await run('ssh-keyscan', ['-t', 'ed25519', '-p', '2222', addressOf(before)])).stdout).toContain(before.sshHostKey);
  });

  it('with static allocation keeps an address on which only programs of the machine listen', async () => {
    const { id } = await network('lan', { allocation: 'static' });
    const seen = await machine('static', [id]);
    expect((await run('ssh-keyscan', ['-T', '1', '-p', '2222', addressOf(seen)])).stdout).toBe('');
    const listener = await occupy(addressOf(seen), 2222);
    await free(listener);
  });

  it('gives each address once, to however many Managers at once, and passes over one that is in use elsewhere', async () => {
    const { id, cidr } = await network('lan');
    const taken = await occupy(cidr.replace('.0/29', '.1').replace('.4/29', '.5'), 2222);
    const clouds = [cloudHere(), cloudHere(), cloudHere()];
    const made = await Promise.all(clouds.map((each, index) => each.compute.create({ ...fixture.request(`m${index}`), networkIds: [id] }, CALL)));
    expect(made.map((each) => addressOf(each).split('.')[3]).sort()).toEqual(['2', '3', '4']);
    await free(taken);
  });

  it('of which a machine cannot have its address shows that machine as failed, with the reason, until it is removed', async () => {
    const { id: networkId } = await network('lan');
    const { id, networks } = await machine('robbed', [networkId]);
    await cloud.power.perform(id, 'stop', CALL);
    const robber = await occupy(networks?.[0]?.address ?? '', 2222);
    await cloud.power.perform(id, 'start', CALL);
    await expect(fixture.active(cloud, id)).rejects.toThrow('cannot have its address');
    expect(await cloud.compute.describe(id, CALL)).toMatchObject({ state: 'failed', fault: expect.stringContaining('EADDRINUSE') as string });
    await expect(cloud.networks.remove(networkId, CALL)).rejects.toMatchObject({ code: 'conflict' });
    await free(robber);
    await cloud.compute.remove(id, CALL);
    await cloud.networks.remove(networkId, CALL);
  });

  it.each([
    ['10.0.0.0/24', 'within 127.0.0.0/8 only'], ['127.0.0.0/8', 'leaves 127.0.0.0/16'], ['127.0.3.0/24', 'leaves 127.0.0.0/16'], ['126.0.0.0/7', 'within 127.0.0.0/8 only'],
    ['127.9.2.0/24', undefined],
  ])('of %s is refused where %s says so', (cidr, reason) => {
    const refusal = refusalOf({ cidr });
    if (reason === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toContain(reason);
  });

  it.each([['127.9.0.0/16', 'overlaps 127.9.1.0/24'], ['127.9.2.0/24', undefined]])('of %s finds in its way what %s says', (cidr, reason) => {
    const other = overlapOf({ cidr }, [{ cidr: '127.9.1.0/24' }]);
    if (reason === undefined) expect(other).toBeUndefined();
    else expect(other).toContain(reason);
  });

  it('that overlaps another is a conflict, which passes when that one goes', async () => {
    const { id, cidr } = await network('first');
    const again: NetworkRequest = { clientToken: 'second', cidr, allocation: 'dynamic' };
    await expect(cloud.networks.create(again, CALL)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('overlaps') as string });
    await cloud.networks.remove(id, CALL);
    const { id: next } = await cloud.networks.create(again, CALL);
    await cloud.networks.remove(next, CALL);
  });
});

describe('power', () => {
  it('keeps home, port and host key over a stop and a start, and ends all processes between them', async () => {
    const { id, port, sshHostKey } = await machine('switched');
    await said(port, 'echo precious > file; nohup sleep 1000 > /dev/null 2>&1 &');
    await cloud.power.perform(id, 'stop', CALL);
    expect(processesOf(id)).toEqual([]);
    expect((await fixture.ssh(port, 'true')).status).toBe(255);
    expect(await cloud.compute.describe(id, CALL)).toMatchObject({ state: 'inactive' });
    await cloud.power.perform(id, 'start', CALL);
    const after = await fixture.active(cloud, id);
    expect(after).toMatchObject({ port, sshHostKey });
    expect(await said(port, 'cat file')).toBe('precious\n');
  });

  it('leaves a machine off that its user switched off, whatever happens to its host', async () => {
    const { id } = await machine('off');
    await cloud.power.perform(id, 'stop', CALL);
    await stopHost(directory);
    const next = cloudHere();
    await next.start(CALL.signal);
    expect(await next.compute.list(CALL)).toMatchObject([{ id, state: 'inactive' }]);
    expect(processesOf(id)).toEqual([]);
  });

  it('halts everything in a suspended machine and lets it go on where it was', async () => {
    const { id, port } = await machine('halted');
    await said(port, '(while :; do echo x >> ticks; done) > /dev/null 2>&1 & until [ -s ticks ]; do :; done');
    const ticks = join(directory, 'machines', 'test-halted', 'home', 'ticks');
    await cloud.power.perform(id, 'suspend', CALL);
    const [states, before] = [processesOf(id).map((pid) => statOf(pid)?.state), statSync(ticks).size];
    expect(states.length).toBeGreaterThan(1);
    expect(new Set(states)).toEqual(new Set(['T']));
    expect(await cloud.compute.describe(id, CALL)).toMatchObject({ state: 'suspended' });
    expect(statSync(ticks).size).toBe(before);
    await cloud.power.perform(id, 'start', CALL);
    expect(await said(port, `until [ $(stat -c %s ticks) -gt ${before} ]; do :; done; echo on`)).toBe('on\n');
  });

  it('brings a suspended machine back by a boot when its host was stopped', async () => {
    const { id } = await machine('halted');
    await cloud.power.perform(id, 'suspend', CALL);
    await stopHost(directory);
    expect(processesOf(id)).toEqual([]);
    await cloud.start(CALL.signal);
    await fixture.active(cloud, id);
  });

  it('takes a suspended machine away whole', async () => {
    const { id } = await machine('halted');
    await cloud.power.perform(id, 'suspend', CALL);
    await cloud.compute.remove(id, CALL);
    expect(processesOf(id)).toEqual([]);
    expect(await cloud.compute.list(CALL)).toEqual([]);
  });
});
