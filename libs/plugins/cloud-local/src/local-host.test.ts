import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { bundle, CALL, createLocalFixture, run, SIZE } from './local-cloud-fixture.js';
import type { LocalFixture } from './local-cloud-fixture.js';
import { folderOf } from './machine-folder.js';
import { makeMachine } from './machine-host.js';
import { processesOf } from './machine-processes.js';
import { stopHost } from './stop-host.js';

// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let fixture: LocalFixture;
let directory: string;
let rounds = 0;
beforeAll(async () => {
  fixture = await createLocalFixture();
  await Promise.all([bundle('main.ts', join(fixture.folder, 'host.js')), bundle('local-maker-program.ts', join(fixture.folder, 'maker.js'))]);
});
beforeEach(() => {
  directory = join(fixture.folder, `host-${rounds++}`);
});
afterAll(() => fixture.dispose());

const cloudHere = (settings = {}): CloudPlugin => fixture.cloud({ directory, ...settings });
const hostKeyOf = async (port: number): Promise<string> => (await run('ssh-keyscan', ['-t', 'ed25519', '-p', String(port), '127.0.0.1'])).stdout.split(' ').slice(1).join(' ');
/** Another process that creates the named machines, as a second Manager would, and ends. */
const makeElsewhere = async (settings: object, ...names: string[]): Promise<string[]> => {
  const requests = names.map((name) => fixture.request(name));
  const { stdout, stderr } = await run(process.execPath, [join(fixture.folder, 'maker.js'), JSON.stringify({ directory, machineProgram: fixture.machineProgram, ...settings }), JSON.stringify(requests)]);
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as string[];
};

describe('the life of a machine', () => {
  it('outlives the process that made it', async () => {
    const [id] = await makeElsewhere({}, 'survivor');
    const { port } = await fixture.active(cloudHere(), String(id));
    expect(await fixture.ssh(port, 'echo alive')).toMatchObject({ status: 0, stdout: 'alive\n' });
  });

  it('takes with it at its removal whatever was started in it', async () => {
    const cloud = cloudHere();
    const { id } = await cloud.compute.create(fixture.request('doomed'), CALL);
    const { port } = await fixture.active(cloud, id);
    await fixture.ssh(port, 'nohup setsid sleep 1000 > /dev/null 2>&1 & setsid sh -c "env -i sleep 1000; true" > /dev/null 2>&1 & mkfifo up; setsid sh -c ": > up; exec sleep 1000" > /dev/null 2>&1 & cat up');
    await until(() => Promise.resolve(processesOf(id).length >= 5));
    await cloud.compute.remove(id, CALL);
    expect(processesOf(id)).toEqual([]);
    expect(readdirSync(join(directory, 'machines'))).toEqual([]);
  });

  it('is over when its process dies: it is gone, its room is free, its children are ended', async () => {
    const cloud = cloudHere({ maxInstances: 1 });
    const { id } = await cloud.compute.create(fixture.request('killed'), CALL);
    const { port } = await fixture.active(cloud, id);
    await fixture.ssh(port, 'nohup sleep 1000 > /dev/null 2>&1 &');
    const { pid } = folderOf(directory, 'test-killed').process() ?? { pid: 0 };
    process.kill(pid, 'SIGKILL');
    await until(async () => (await cloud.compute.describe(id, CALL)) === undefined);
    expect(processesOf(id)).toEqual([]);
    expect((await cloud.compute.create(fixture.request('killed'), CALL)).id).not.toBe(id);
  });

  it('is over when it is powered off from inside', async () => {
    const cloud = cloudHere();
    const { id } = await cloud.compute.create(fixture.request('off'), CALL);
    const { port } = await fixture.active(cloud, id);
    await fixture.ssh(port, `kill -TERM ${folderOf(directory, 'test-off').process()?.pid}`);
    await until(async () => (await cloud.compute.describe(id, CALL)) === undefined);
  });

  it('is dead at once, not half alive, when its program cannot run', async () => {
    const broken = join(fixture.folder, 'broken.js');
    writeFileSync(broken, 'process.exit(1)');
    const cloud = cloudHere({ machineProgram: broken });
    const { id } = await cloud.compute.create(fixture.request('broken'), CALL);
    await until(async () => (await cloud.compute.describe(id, CALL)) === undefined);
  });
});

describe('a stop of the host', () => {
  it('ends all, and the next start brings back the same machines', async () => {
    const cloud = cloudHere();
    const { id } = await cloud.compute.create(fixture.request('kept'), CALL);
    const before = await fixture.active(cloud, id);
    const keyBefore = await hostKeyOf(before.port);
    await fixture.ssh(before.port, 'echo precious > file; nohup sleep 1000 > /dev/null 2>&1 &');

    const { stdout } = await run(process.execPath, [join(fixture.folder, 'host.js'), 'stop-host', directory]);
    expect(stdout).toBe('1 machine(s) stopped.\n');
    expect(processesOf(id)).toEqual([]);
    expect(await cloud.compute.describe(id, CALL)).toMatchObject({ id, state: 'inactive' });
    expect((await cloud.compute.quota(CALL)).used.instances).toBe(1);

    const next = cloudHere();
    await next.start(CALL.signal);
    const after = await fixture.active(next, id);
    expect(after.port).toBe(before.port);
    expect(await hostKeyOf(after.port)).toBe(keyBefore);
    expect(await fixture.ssh(after.port, 'cat file')).toMatchObject({ stdout: 'precious\n' });
  });

  it('may be repeated, also where nothing ever was', async () => {
    expect(await stopHost(join(fixture.folder, 'nowhere'))).toEqual([]);
    const cloud = cloudHere();
    await cloud.compute.create(fixture.request('twice'), CALL);
    expect(await stopHost(directory)).toHaveLength(1);
    expect(await stopHost(directory)).toHaveLength(1);
  });

  it('without warning, by loss of power, is healed by the next start too', async () => {
    const cloud = cloudHere();
    const { id } = await cloud.compute.create(fixture.request('power'), CALL);
    await fixture.active(cloud, id);
    const folder = folderOf(directory, 'test-power');
    await stopHost(directory);
    folder.clearHostStopped();
    folder.writeProcess({ ...(folder.process() ?? { pid: 1, startTicks: '1' }), bootId: 'an-earlier-boot' });
    expect(await cloud.compute.describe(id, CALL)).toMatchObject({ state: 'inactive' });
    await cloud.start(CALL.signal);
    await fixture.active(cloud, id);
  });
});

describe('makers that die or meet', () => {
  it.each(['find', 'list', 'describe', 'create'] as const)('%s starts a machine whose maker died before it did', async (how) => {
    const cloud = cloudHere();
    const { record } = makeMachine(directory, fixture.request(`half-${how}`), { now: new Date(), sshUsername: 'fogbow' });
    const calls = {
      find: () => cloud.compute.find(record.clientToken, CALL),
      list: async () => (await cloud.compute.list(CALL))[0],
      describe: () => cloud.compute.describe(record.id, CALL),
      create: () => cloud.compute.create(fixture.request(`half-${how}`), CALL),
    };
    expect(await calls[how]()).toMatchObject({ id: record.id, state: 'inactive' });
    await fixture.active(cloud, record.id);
  });

  it('takes over a machine whose maker died after starting it', async () => {
    const cloud = cloudHere();
    const { record, folder } = makeMachine(directory, fixture.request('adopted'), { now: new Date(), sshUsername: 'fogbow' });
    const orphan = spawn(process.execPath, [fixture.machineProgram, folder.path], { detached: true, stdio: 'ignore', env: { PATH: process.env['PATH'], FOGBOW_MACHINE: record.id } });
    orphan.unref();
    await fixture.active(cloud, record.id);
    expect(folder.process()?.pid).toBe(orphan.pid);
  });

  it('clears away what a dead maker had not finished making', async () => {
    const cloud = cloudHere();
    const leftover = join(directory, 'machines', '.new-999999999.1-test-x-00000000');
    mkdirSync(leftover, { recursive: true });
    expect(await cloud.compute.list(CALL)).toEqual([]);
    await cloud.start(CALL.signal);
    expect(existsSync(leftover)).toBe(false);
  });

  it('gives one machine to several processes that create with one client token', async () => {
    const ids = (await Promise.all([1, 2, 3].map(() => makeElsewhere({}, 'shared', 'shared')))).flat();
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(1);
    expect(processesOf(String(ids[0]))).toHaveLength(1);
  });

  it('keeps the limit when several processes create at once', async () => {
    const settings = { maxInstances: 9, maxVcpu: 3 * SIZE.vcpu };
    const made = (await Promise.all(['a', 'b', 'c'].map((maker) => makeElsewhere(settings, `${maker}1`, `${maker}2`, `${maker}3`)))).flat();
    expect(made.filter((id) => id === 'quota-exceeded')).toHaveLength(6);
    expect(await cloudHere(settings).compute.list(CALL)).toHaveLength(3);
  });

  it('takes the lock of a dead process', async () => {
    const cloud = cloudHere();
    writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: 999_999_999, startTicks: '1', bootId: 'x' }));
    expect(await cloud.compute.create(fixture.request('locked'), CALL)).toMatchObject({ state: 'inactive' });
    expect(existsSync(join(directory, 'lock'))).toBe(false);
  });

  it('waits for a living holder of the lock, but not longer than its caller', async () => {
    const cloud = cloudHere();
    const own = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ')[19];
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    writeFileSync(join(directory, 'lock'), JSON.stringify({ pid: process.pid, startTicks: own, bootId }));
    const call = { ...CALL, signal: AbortSignal.timeout(50) };
    await expect(cloud.compute.create(fixture.request('waiting'), call)).rejects.toMatchObject({ code: 'cloud-unavailable' });
    rmSync(join(directory, 'lock'));
  });
});

it.each(['../../etc', '..-00000000', 'UPPER', '', 'x'.repeat(64)])('refuses the client token %j and finds nothing under it', async (clientToken) => {
  const cloud = cloudHere();
  await expect(cloud.compute.create({ ...fixture.request('x'), clientToken }, CALL)).rejects.toMatchObject({ code: 'cloud-rejected' });
  expect(await cloud.compute.find(clientToken, CALL)).toBeUndefined();
  expect(await cloud.compute.describe(`${clientToken}-00000000`, CALL)).toBeUndefined();
  await cloud.compute.remove(`${clientToken}-00000000`, CALL);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((next) => setImmediate(next));
}
