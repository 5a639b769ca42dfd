import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deriveSshKey } from '@fogbow/service-runtime';
import { probeBootstrap } from './probe-bootstrap.js';
import { readResult, runProbe } from './run-probe.js';
import type { ProbeTarget } from './run-probe.js';

jest.setTimeout(30_000);

describe('the line of a machine', () => {
  it.each([
    ['fogbow-probe 0 10.00 12.50\n', { kind: 'measured', seconds: 2.5 }],
    ['noise of a profile\nfogbow-probe 0 10 10\n', { kind: 'measured', seconds: 0.01 }],
    ['fogbow-probe timed-out 10.00 70.00\n', { kind: 'failed', why: 'timed-out' }],
    ['fogbow-probe 127 10.00 10.00\n', { kind: 'failed', why: 'broken', reason: 'the measurement ended with status 127' }],
    ['fogbow-probe 0 10.00 9.00\n', { kind: 'failed', why: 'broken' }],
    ['fogbow-probe 0 10.00 75.00\n', { kind: 'measured', seconds: 65 }],
    ['fogbow-probe 0 10.00 75.01\n', { kind: 'failed', why: 'broken' }],
    [`fogbow-probe 0 0 1${'0'.repeat(100)}\n`, { kind: 'failed', why: 'broken' }],
  ])('%j is understood', (line, outcome) => expect(readResult(line, 65)).toMatchObject(outcome));
  it.each([[undefined], [''], ['fogbow-probe 0 10.00 12.5'], ['fogbow-probe 0  \n'], ['fogbow-probe 0 -1 5\n'], ['fogbow-probe 0 1e9 2e9\n'], ['xfogbow-probe 0 1 2\n'], ['fogbow-probe 0 NaN Infinity\n']])('%j is none', (line) => {
    expect(readResult(line, 65)).toBeUndefined();
  });
});

// A real sshd of this user, where the host has one.
const SSHD = '/usr/sbin/sshd';
const describeSsh = existsSync(SSHD) && process.getuid?.() === 0 ? describe : describe.skip;
const folder = mkdtempSync(join(tmpdir(), 'run-probe-'));
const home = join(folder, 'home');
const keys = join(home, '.ssh', 'authorized_keys');
const key = deriveSshKey(Buffer.alloc(32, 1), 'fogbow probe test');

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});
const answers = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

/** Machines let in whoever stands in the authorized_keys of a home of theirs; sshd has no other home for us than root's. */
async function startSshd(port: number): Promise<ChildProcess> {
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')]);
  mkdirSync('/run/sshd', { recursive: true });
  const options = [`Port=${port}`, 'ListenAddress=127.0.0.1', `HostKey=${join(folder, 'host')}`, `AuthorizedKeysFile=${keys}`, `SetEnv=HOME=${home}`, 'PidFile=none', 'Subsystem=sftp internal-sftp', 'StrictModes=no', 'UsePAM=no', 'PasswordAuthentication=no', 'PermitRootLogin=prohibit-password'];
  const sshd = spawn(SSHD, ['-D', '-f', '/dev/null', ...options.flatMap((option) => ['-o', option])], { stdio: 'ignore' });
  for (let round = 0; round < 200 && !(await answers(port)); round++) await delay(20);
  return sshd;
}

/** They work in its home. */
const processesOfMachine = (): number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
  } catch {
    return false;
  }
});

describeSsh('a machine with OpenSSH', () => {
  let sshd: ChildProcess;
  let target: ProbeTarget;
  let kept: number[];
  beforeAll(async () => {
    const port = await freePort();
    sshd = await startSshd(port);
    target = { host: '127.0.0.1', port, username: userInfo().username, privateKey: key.privateKey, hostKey: readFileSync(join(folder, 'host.pub'), 'utf8') };
  });
  afterAll(() => {
    sshd.kill();
    for (const pid of processesOfMachine()) process.kill(pid, 'SIGKILL');
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    kept = [];
    rmSync(home, { recursive: true, force: true });
    rmSync(join(folder, 'state'), { recursive: true, force: true });
    mkdirSync(home);
  });
  const boot = (script: string, timeoutSeconds = 10): void => void spawnSync('sh', ['-c', probeBootstrap({ username: 'nobody-of-that-name', publicKey: key.publicKey, script, timeoutSeconds, forgetAfterSeconds: 20 })],
    { env: { PATH: process.env['PATH'], HOME: home, FOGBOW_STATE_DIR: join(folder, 'state') }, timeout: 5000, stdio: 'ignore' });
  const run = (more: Partial<ProbeTarget> = {}, timeoutMs = 20_000) => runProbe({ mostSeconds: 60, target: { ...target, ...more }, keep: async (seconds) => kept.push(seconds) > 0, signal: AbortSignal.timeout(timeoutMs) });
  /** The real client with the same key. */
  const ssh = (...args: string[]) => {
    writeFileSync(join(folder, 'key'), key.privateKey, { mode: 0o600 });
    const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'ExitOnForwardFailure=yes'];
    return spawnSync('ssh', ['-F', 'none', '-i', join(folder, 'key'), ...options.flatMap((option) => ['-o', option]), '-p', String(target.port), `${target.username}@127.0.0.1`, ...args], { input: '', timeout: 15_000, encoding: 'utf8' });
  };

  it('is measured, has its result kept before it forgets the key, and takes the key no more', async () => {
    boot('sleep 0.3');
    const outcome = await runProbe({ target, mostSeconds: 60, signal: AbortSignal.timeout(20_000), keep: async (seconds) => {
      kept.push(seconds);
      expect(readFileSync(keys, 'utf8')).toContain(key.publicKey);
      return true;
    } });
    expect(outcome).toEqual({ kind: 'measured', seconds: kept[0], isForgotten: true });
    expect(kept[0]).toBeGreaterThanOrEqual(0.29);
    expect([readFileSync(keys, 'utf8'), existsSync(join(home, '.fogbow-probe'))]).toEqual(['', false]);
    expect(await run()).toMatchObject({ kind: 'away', why: 'refused' });
  });

  it('gives this key no shell, no command, no terminal, no file and no way through', () => {
    boot('true');
    expect(ssh('echo let me in; id')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^fogbow-probe 0 .*\n$/) });
    expect(ssh()).toMatchObject({ stdout: expect.stringMatching(/^fogbow-probe 0 .*\n$/) });
    expect(ssh('-tt', 'id').stdout).not.toContain('uid=');
    expect(ssh('-s', 'sftp').stdout).toMatch(/^fogbow-probe 0 /);
    expect(ssh('-W', `127.0.0.1:${target.port}`)).toMatchObject({ status: 255, stdout: '' });
    expect(ssh('-R', '127.0.0.1:0:127.0.0.1:1', 'true').status).toBe(255);
    // After all that the Manager is still let in.
    expect(readFileSync(keys, 'utf8')).toContain(key.publicKey);
  });

  it('that hangs is ended by itself, and given up by us when it is not', async () => {
    boot('sleep 100', 1);
    expect(await run()).toMatchObject({ kind: 'failed', why: 'timed-out' });
    expect(readFileSync(keys, 'utf8')).toBe('');
    rmSync(join(folder, 'state'), { recursive: true });
    boot('sleep 100', 15);
    expect(await run({}, 1500)).toMatchObject({ kind: 'away', why: 'unreachable', reason: expect.stringContaining('no time left') });
    expect(kept).toEqual([]);
  });

  it('is told anew after a connection that broke', async () => {
    boot('sleep 0.2');
    await expect(runProbe({ target, mostSeconds: 60, signal: AbortSignal.timeout(20_000), keep: () => Promise.reject(new Error('the database is away')) })).rejects.toThrow('the database is away');
    expect(await run()).toMatchObject({ kind: 'measured', isForgotten: true });
  });

  it('lets in whoever comes for a result that was not kept, and hears nothing of it', async () => {
    boot('sleep 0.2');
    expect(await runProbe({ target, mostSeconds: 60, signal: AbortSignal.timeout(20_000), keep: () => Promise.resolve(false) })).toMatchObject({ kind: 'measured', isForgotten: false });
    expect(readFileSync(keys, 'utf8')).toContain(key.publicKey);
    expect(await run()).toMatchObject({ kind: 'measured', isForgotten: true });
  });

  it('that shows another host key hears nothing from us', async () => {
    boot('true');
    expect(await run({ hostKey: deriveSshKey(Buffer.alloc(32, 9), 'another').publicKey })).toMatchObject({ kind: 'failed', why: 'wrong-host-key' });
    expect(readFileSync(keys, 'utf8')).toContain(key.publicKey);
  });

  it('that is not there is away', async () => {
    expect(await run({ port: await freePort() })).toMatchObject({ kind: 'away', why: 'unreachable' });
  });

  it('that answers without end is not listened to without end', async () => {
    mkdirSync(join(home, '.ssh'), { recursive: true });
    writeFileSync(keys, `restrict,command="yes fogbow-probe" ${key.publicKey}\n`);
    expect(await run({}, 1500)).toMatchObject({ kind: 'away', why: 'unreachable' });
  });
});
