import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostRunner } from './host-runner.js';
import { createLocalRunner } from './local-runner.js';
import { createSshRunner, quoted } from './ssh-runner.js';
import type { SshAddress } from './ssh-runner.js';

// On a busy host each session takes its time.
jest.setTimeout(30_000);

// A real sshd of this user, where the host has one; the local runner holds the same.
const SSHD = '/usr/sbin/sshd';
const describeSsh = existsSync(SSHD) && process.getuid?.() === 0 ? describe : describe.skip;
const signal = (): AbortSignal => AbortSignal.timeout(15_000);
const folder = mkdtempSync(join(tmpdir(), 'runner-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const freePort = (): Promise<number> => new Promise((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as { port: number };
    server.close(() => resolve(port));
  });
});

async function startSshd(port: number): Promise<ChildProcess> {
  for (const name of ['host', 'user', 'other']) if (!existsSync(join(folder, name))) spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(join(folder, 'user.pub')));
  spawnSync('mkdir', ['-p', '/run/sshd']);
  const options = [`Port=${port}`, 'ListenAddress=127.0.0.1', `HostKey=${join(folder, 'host')}`, `AuthorizedKeysFile=${join(folder, 'authorized_keys')}`, 'PidFile=none', 'StrictModes=no', 'UsePAM=no', 'PasswordAuthentication=no', 'PermitRootLogin=prohibit-password'];
  const sshd = spawn(SSHD, ['-D', '-f', '/dev/null', ...options.flatMap((option) => ['-o', option])], { stdio: 'ignore' });
  for (let round = 0; round < 200 && !(await answers(port)); round++) await delay(20);
  return sshd;
}

const answers = (port: number): Promise<boolean> => new Promise((resolve) => {
  const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
  socket.once('error', () => resolve(false));
});

function holdsThePort(runner: () => HostRunner): void {
  it('gives status, output and input of a program, word by word', async () => {
    const word = `a 'b' "c" $HOME \`id\` \\ *`;
    expect(await runner().run(['sh', '-c', 'cat; printf %s "$1"; echo err >&2; exit 7', 'x', word], { input: 'in\n', signal: signal() })).toEqual({ status: 7, stdout: `in\n${word}`, stderr: 'err\n' });
  });
  it('takes many programs at once', async () => {
    const many = await Promise.all(Array.from({ length: 25 }, (_, index) => runner().run(['echo', String(index)], { signal: signal() })));
    expect(many.map(({ stdout }) => stdout.trim())).toEqual(Array.from({ length: 25 }, (_, index) => String(index)));
  });
  it('takes a large input', async () => {
    const input = Buffer.alloc(3_000_000, 'x');
    expect((await runner().run(['wc', '-c'], { input, signal: signal() })).stdout.trim()).toBe('3000000');
  });
  it('ends soon after its signal', async () => {
    await expect(runner().run(['sleep', '30'], { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ code: 'cloud-unavailable' });
  });
  it('refuses what says too much', async () => {
    await expect(runner().run(['head', '-c', '20000000', '/dev/zero'], { signal: signal() })).rejects.toMatchObject({ code: 'cloud-unavailable' });
  });
  it('speaks to a Unix socket, and says when nobody listens there', async () => {
    const path = join(folder, `s${Math.random().toString(36).slice(2, 8)}`);
    const server = createServer((socket) => socket.end('hello')).listen(path);
    try {
      let said = '';
      for await (const chunk of await runner().connect(path, signal())) said += String(chunk);
      expect(said).toBe('hello');
      await expect(runner().connect(join(folder, 'nobody'), signal())).rejects.toMatchObject({ code: 'cloud-unavailable' });
    } finally {
      server.close();
    }
  });
}

describe('this host', () => holdsThePort(() => createLocalRunner('h')));

describeSsh('another host by ssh', () => {
  let [sshd, address]: [ChildProcess | undefined, SshAddress | undefined] = [undefined, undefined];
  let runner: HostRunner | undefined;
  const given = (): SshAddress => address as SshAddress;
  beforeAll(async () => {
    const port = await freePort();
    sshd = await startSshd(port);
    const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').trim();
    address = { host: '127.0.0.1', port, username: userInfo().username, keyFile: join(folder, 'user'), hostKey, connectTimeoutMs: 8000, restMs: 60_000 };
    runner = createSshRunner('h', address, () => new Date());
  });
  afterAll(async () => {
    runner?.close();
    const ended = new Promise((resolve) => sshd?.once('exit', resolve));
    sshd?.kill();
    await ended;
  });

  holdsThePort(() => runner as HostRunner);

  const failing = async (other: Partial<SshAddress>): Promise<string> => {
    const made = createSshRunner('h', { ...given(), ...other }, () => new Date());
    try {
      return await made.run(['true'], { signal: signal() }).then(() => 'it answered', (error: Error & { code?: string }) => `${error.code}: ${error.message}`);
    } finally {
      made.close();
    }
  };
  it('sends nothing to a host that shows another key', async () =>
    expect(await failing({ hostKey: readFileSync(join(folder, 'other.pub'), 'utf8').trim() })).toMatch(/cloud-unavailable: The host h .* shows another host key/));
  it('says that its key is not taken', async () => expect(await failing({ keyFile: join(folder, 'other') })).toMatch(/does not take the key of/));
  it('says that its key is none', async () => expect(await failing({ keyFile: '/etc/hostname' })).toMatch(/cloud-unavailable/));
  it('says that nobody answers', async () => expect(await failing({ port: 1 })).toMatch(/does not answer: .*ECONNREFUSED/));
  it('lets a silent host rest, and asks it again afterwards', async () => {
    let now = 0;
    const made = createSshRunner('h', { ...given(), port: 1, restMs: 1000 }, () => new Date(now));
    const fault = (): Promise<Error> => made.run(['true'], { signal: signal() }).then(() => new Error('it answered'), (error: Error) => error);
    const first = await fault();
    expect(await fault()).toBe(first);
    now = 1001;
    expect(await fault()).not.toBe(first);
    made.close();
  });
  it('finds its way again after the connection broke', async () => {
    const pid = (await (runner as HostRunner).run(['sh', '-c', 'echo $PPID'], { signal: signal() })).stdout.trim();
    await (runner as HostRunner).run(['kill', '-9', pid], { signal: signal() }).catch(() => undefined);
    await delay(100);
    expect((await (runner as HostRunner).run(['echo', 'back'], { signal: signal() })).stdout).toBe('back\n');
  });
});

it('quotes a word for a shell', () => expect(quoted("it's")).toBe(`'it'\\''s'`));
