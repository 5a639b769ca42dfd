import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'ssh2';
import type { CloudPlugin } from '@fogbow/plugin-contracts';
import { CALL, createLocalFixture, run, sshOptions, userOf } from '../local-cloud-fixture.js';
import type { LocalFixture } from '../local-cloud-fixture.js';

// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let fixture: LocalFixture;
let cloud: CloudPlugin;
let port: number;
const home = (): string => join(fixture.folder, 'cloud', 'machines', 'test-ssh', 'home');

beforeAll(async () => {
  fixture = await createLocalFixture();
  cloud = fixture.cloud({ directory: join(fixture.folder, 'cloud') });
  const { id } = await cloud.compute.create(fixture.request('ssh', [userOf(fixture.publicKey)]), CALL);
  ({ port } = await fixture.active(cloud, id));
});
afterAll(() => fixture.dispose());

describe('a command over ssh', () => {
  it('has its output, its errors and its exit status', async () => {
    expect(await fixture.ssh(port, 'echo out; echo err >&2; exit 7')).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' });
  });

  it('reads its standard input to the end', async () => {
    const text = 'x'.repeat(300_000);
    const args = [...sshOptions(join(fixture.folder, 'key')), '-p', String(port), 'fogbow@127.0.0.1', 'wc -c; seq 200000 | tail -1'];
    expect((await run('ssh', args, { input: text })).stdout.replaceAll(' ', '')).toBe('300000\n200000\n');
  });

  it('gives large output on both streams whole', async () => {
    const { stdout, stderr } = await fixture.ssh(port, 'seq 30000; seq 30000 >&2');
    expect([stdout.trim().split('\n').length, stderr.trim().split('\n').length]).toEqual([30_000, 30_000]);
  });

  it('tells the signal that ended it', async () => {
    expect((await fixture.ssh(port, 'kill -TERM $$')).status).toBe(255);
  });

  it('finds the environment of a machine, and none of its maker\'s', async () => {
    const { stdout } = await fixture.ssh(port, 'pwd; env');
    expect(stdout.split('\n')[0]).toBe(home());
    expect(stdout).toContain(`HOME=${home()}`);
    expect(stdout).toContain('USER=fogbow');
    expect(stdout).toContain(`FOGBOW_LOCAL_SSH_PORT=${port}`);
    expect(stdout).not.toMatch(/JEST|npm_/);
  });
});

describe('a terminal over ssh', () => {
  const terminal = (...command: string[]) => {
    const child = spawn('ssh', ['-tt', ...sshOptions(join(fixture.folder, 'key')), '-p', String(port), 'fogbow@127.0.0.1', ...command]);
    let seen = '';
    child.stdin.on('error', () => undefined);
    const watchers = new Set<() => void>();
    child.stdout.on('data', (data: Buffer) => {
      seen += data.toString();
      for (const watch of watchers) watch();
    });
    const says = (what: RegExp): Promise<void> => new Promise((done, failed) => {
      const lateness = setTimeout(() => failed(new Error(`No ${String(what)} in ${JSON.stringify(seen)}`)), 30_000);
      const watch = (): void => {
        if (!what.test(seen)) return;
        clearTimeout(lateness);
        watchers.delete(watch);
        done();
      };
      watchers.add(watch);
      watch();
    });
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    return { type: (text: string) => child.stdin.write(text), says, ended, seen: () => seen, child };
  };

  it('is a real one, with a size, and has the exit status', async () => {
    const { ended, seen } = terminal('tty; stty size; exit 3');
    expect(await ended).toBe(3);
    expect(seen()).toMatch(/^\/dev\/pts\/\d+\r\n\d+ \d+\r\n$/);
  });

  it('has a prompt, interrupts with ^C and ends with ^D', async () => {
    const { type, says, ended, seen } = terminal();
    await says(/isolates nothing/);
    await says(/fogbow@test-ssh:~[$#] /);
    type('sh -c "echo started; exec sleep 100"\n');
    await says(/[\r\n]started\r/);
    type('\u0003');
    type('echo "after $?"\n');
    await says(/[\r\n]after 130\r\n[^\r\n]*[$#] $/);
    type('\u0004');
    await ended;
    expect(seen()).toContain('fogbow@test-ssh');
  });

  it('follows the window of the client', async () => {
    const client = new Client();
    const closed = new Promise<void>((done) => client.once('close', () => done()));
    let seen = '';
    client.on('ready', () => client.exec("trap 'stty size; exit' WINCH; echo ready; sleep 100 & wait", { pty: { rows: 24, cols: 80, width: 0, height: 0, term: 'vt100' } }, (error, stream) => {
      if (error) throw error;
      stream.on('data', (data: Buffer) => {
        seen += data.toString();
        if (seen.endsWith('ready\r\n')) stream.setWindow(50, 132, 0, 0);
      }).once('close', () => client.end());
    }));
    client.connect({ host: '127.0.0.1', port, username: 'fogbow', privateKey: readFileSync(join(fixture.folder, 'key')) });
    await closed;
    expect(seen).toBe('ready\r\n50 132\r\n');
  });

  it('ends what ran on it when the client goes away', async () => {
    const mark = join(home(), 'hung-up');
    const { says, child, ended } = terminal(`trap 'echo gone > ${mark}; exit' HUP; mkfifo ${mark}.fifo; echo ready; read line < ${mark}.fifo`);
    await says(/ready/);
    child.kill('SIGKILL');
    await ended;
    await fixture.ssh(port, `until [ -s ${mark} ]; do sleep 0.01; done`);
    expect(readFileSync(mark, 'utf8')).toBe('gone\n');
  });
});

describe('logins', () => {
  const login = (user: string, key: string) =>
    run('ssh', [...sshOptions(key), '-p', String(port), `${user}@127.0.0.1`, 'true']);

  it('refuses another key and another user', async () => {
    const other = join(fixture.folder, 'other');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
    expect(await login('fogbow', other)).toMatchObject({ status: 255, stderr: expect.stringContaining('Permission denied (publickey)') as string });
    expect(await login('root', join(fixture.folder, 'key'))).toMatchObject({ status: 255 });
  });

  it.each(['rsa', 'ecdsa'])('takes a key of type %s that was added to authorized_keys', async (type) => {
    const key = join(fixture.folder, type);
    await run('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', key]);
    mkdirSync(join(home(), '.ssh'), { recursive: true });
    writeFileSync(join(home(), '.ssh', 'authorized_keys'), `# added\n${readFileSync(`${key}.pub`, 'utf8')}`);
    expect(await login('fogbow', key)).toMatchObject({ status: 0 });
  });

  it('gives a key with a command that command only, and with restrict no terminal', async () => {
    const key = join(fixture.folder, 'forced');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    mkdirSync(join(home(), '.ssh'), { recursive: true });
    writeFileSync(join(home(), '.ssh', 'authorized_keys'), `restrict,command="echo forced; tty" ${readFileSync(`${key}.pub`, 'utf8')}`);
    const stdouts = [];
    for (const more of [['fogbow@127.0.0.1', 'id'], ['fogbow@127.0.0.1'], ['-s', 'fogbow@127.0.0.1', 'sftp'], ['-tt', 'fogbow@127.0.0.1', 'id']]) {
      stdouts.push((await run('ssh', [...sshOptions(key), '-p', String(port), ...more], { input: '' })).stdout);
    }
    expect(stdouts.slice(0, 3)).toEqual(Array(3).fill('forced\nnot a tty\n'));
    // A client that insists on a terminal goes away, or has the same.
    expect(stdouts[3]).not.toContain('uid=');
    expect((await run('ssh', [...sshOptions(key), '-p', String(port), '-W', `127.0.0.1:${port}`, 'fogbow@127.0.0.1'], { input: '' })).status).toBe(255);
  });
});

it('copies files both ways with scp', async () => {
  const [there, back] = [join(fixture.folder, 'there'), join(fixture.folder, 'back')];
  writeFileSync(there, Buffer.alloc(1_000_000, 'fogbow'));
  const scp = (from: string, to: string) => run('scp', ['-O', ...sshOptions(join(fixture.folder, 'key')), '-P', String(port), from, to]);
  expect(await scp(there, 'fogbow@127.0.0.1:copied')).toMatchObject({ status: 0 });
  expect(await scp('fogbow@127.0.0.1:copied', back)).toMatchObject({ status: 0 });
  expect(readFileSync(back).equals(readFileSync(there))).toBe(true);
});
