import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { probeBootstrap } from './probe-bootstrap.js';
import type { ProbeBootstrapInput } from './probe-bootstrap.js';

jest.setTimeout(60_000);
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExampleEx';
const USERS = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIUsersUsersUsersUsersUsersUsersUsersUsersUse alice@home';
const INPUT: ProbeBootstrapInput = { username: 'fogbow', publicKey: KEY, script: 'echo said; echo more >&2', timeoutSeconds: 20, forgetAfterSeconds: 30 };
const pathOf = (program: string): string => spawnSync('sh', ['-c', `command -v ${program}`]).stdout.toString().trim();
/** Those of the shells that a machine may have as its sh that are here too. */
const shells = ['dash', 'bash', 'busybox'].flatMap((name) => (pathOf(name) ? [[name, pathOf(name)] as const] : []));
const folder = mkdtempSync(join(tmpdir(), 'probe-'));

const processesOf = (text: string): number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
  } catch {
    return false;
  }
});
const workingIn = (place: string): number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(place);
  } catch {
    return false;
  }
});
afterAll(() => {
  for (const pid of workingIn(folder)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});
/** The bound is a failure, not a wait. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !holds();) {
    if (performance.now() > end) throw new Error('not in time');
    await new Promise((done) => { setTimeout(done, 10); });
  }
}

describe.each(shells)('with %s as sh', (shell, path) => {
  /** A machine whose state is private, with a blank in its name. */
  function machine(changes: Partial<ProbeBootstrapInput> = {}) {
    const place = mkdtempSync(join(folder, `${shell} m-`));
    const [home, bin] = [join(place, 'home'), join(place, 'bin')];
    mkdirSync(home);
    mkdirSync(bin);
    symlinkSync(path, join(bin, 'sh'));
    const env = { PATH: `${bin}:${process.env['PATH']}`, HOME: home, FOGBOW_STATE_DIR: join(place, 'state') };
    const file = join(home, '.ssh', 'authorized_keys');
    return {
      home, env, bin, file,
      boot: () => spawnSync(join(bin, 'sh'), ['-c', probeBootstrap({ ...INPUT, ...changes })], { cwd: place, env, timeout: 5000, encoding: 'utf8' }),
      keys: () => readFileSync(file, 'utf8'),
      has: () => existsSync(join(home, '.fogbow-probe')),
      /** What sshd does with the forced command. */
      come: (word: string) => spawnSync(join(bin, 'sh'), ['-c', 'cd && exec sh .fogbow-probe/run'], { env, input: word, timeout: 30_000, encoding: 'utf8' }),
    };
  }

  test('the key comes in beside those that are there, measures once, and goes when the result is kept', () => {
    const one = machine();
    mkdirSync(join(one.home, '.ssh'), { mode: 0o700 });
    writeFileSync(one.file, USERS, { mode: 0o600 });
    expect(one.boot()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(one.keys()).toBe(`${USERS}\nrestrict,command="cd && exec sh .fogbow-probe/run" ${KEY} fogbow-probe\n`);
    expect(statSync(one.file).mode & 0o777).toBe(0o600);
    const first = one.come('');
    expect([first.status, first.stdout, first.stderr]).toEqual([0, expect.stringMatching(/^fogbow-probe 0 \d+\.\d\d \d+\.\d\d\n$/), '']);
    // Who did not say that the result is kept finds the same one again.
    const again = one.come('kept\n');
    expect(again.stdout).toBe(`${first.stdout}fogbow-forgotten\n`);
    expect([one.keys(), one.has(), readdirSync(one.home), statSync(one.file).mode & 0o777]).toEqual([`${USERS}\n`, false, ['.ssh'], 0o600]);
    expect(one.come('').status).not.toBe(0);
  });

  test('a machine has one measurement in its life, and a second boot ends one that is still open', () => {
    const one = machine();
    expect(one.boot().status).toBe(0);
    expect(one.has()).toBe(true);
    expect(one.boot().status).toBe(0);
    expect([one.keys(), one.has()]).toEqual(['', false]);
    expect(one.boot().status).toBe(0);
    expect([one.keys(), one.has()]).toEqual(['', false]);
  });

  test('a key that nobody comes in by is gone after its deadline', async () => {
    const one = machine({ forgetAfterSeconds: 1 });
    one.boot();
    expect(one.keys()).toContain(KEY);
    await until(() => !one.has());
    expect(one.keys()).toBe('');
  });

  test('a probe that hangs is ended with all that it started, and the key goes as well', () => {
    const one = machine({ script: `sleep 54321 '${folder}' & sleep 54321; wait`, timeoutSeconds: 1 });
    one.boot();
    const { stdout } = one.come('kept\n');
    expect(stdout).toMatch(/^fogbow-probe timed-out .*\nfogbow-forgotten\n$/);
    expect([one.keys(), one.has()]).toEqual(['', false]);
    if (pathOf('setsid')) expect(processesOf('54321')).toEqual([]);
  });

  test('a probe that fails says so', () => {
    const one = machine({ script: 'exit 7' });
    one.boot();
    expect(one.come('').stdout).toMatch(/^fogbow-probe 7 /);
  });

  test('who comes while it is under way waits for it; it goes on when the first one dies', async () => {
    const count = join(folder, `count-${shell}`);
    const one = machine({ script: `echo once >>'${count}'; until [ -e '${count}.go' ]; do sleep 0.1 2>/dev/null || sleep 1; done` });
    one.boot();
    const start = () => spawn(join(one.bin, 'sh'), ['-c', 'cd && exec sh .fogbow-probe/run'], { env: one.env, stdio: ['pipe', 'pipe', 'ignore'] });
    const first = start();
    await until(() => existsSync(count));
    const second = start();
    // As when the connection breaks: nobody listens, and nobody is there to say anything.
    first.stdout.destroy();
    first.stdin.destroy();
    let said = '';
    second.stdout.on('data', (bytes: Buffer) => { said += String(bytes); });
    second.stdin.end('kept\n');
    writeFileSync(`${count}.go`, '');
    await once(second, 'close');
    expect(said).toMatch(/^fogbow-probe 0 .*\nfogbow-forgotten\n$/);
    expect(readFileSync(count, 'utf8')).toBe('once\n');
  });

  test('whoever died in it without a result is followed by another try', () => {
    const one = machine();
    one.boot();
    // The number of a process that is not there.
    symlinkSync('4194399', join(one.home, '.fogbow-probe', 'running'));
    expect(one.come('').stdout).toMatch(/^fogbow-probe 0 /);
  });

  // A disk of 64 kB, in a mount namespace that ends with the shell: where such may be made.
  const mayMount = spawnSync('unshare', ['-m', 'true']).status === 0;
  (mayMount ? test : test.skip)('on a full disk the key goes as well, and the user\'s stays', () => {
    const place = mkdtempSync(join(folder, 'full-'));
    const script = `mount -t tmpfs -o size=64k tmpfs "$PLACE" && cd "$PLACE" && mkdir -p home/.ssh && export HOME="$PLACE/home" FOGBOW_STATE_DIR="$PLACE/state"
      echo '${USERS}' >home/.ssh/authorized_keys
      sh "$BOOT" && { cat /dev/zero >fill 2>/dev/null; cd home; sh .fogbow-probe/forget "$HOME" 2>/dev/null; echo "$?"; cat .ssh/authorized_keys; ls -A . .ssh; }`;
    const boot = join(place, '..', `boot-${shell}`);
    writeFileSync(boot, probeBootstrap({ ...INPUT, forgetAfterSeconds: 1 }));
    const { stdout } = spawnSync('unshare', ['-m', path, ...(shell === 'busybox' ? ['sh'] : []), '-c', script], { env: { PATH: process.env['PATH'], PLACE: place, BOOT: boot }, timeout: 20_000, encoding: 'utf8' });
    expect(stdout).toBe(`0\n${USERS}\n.:\n.ssh\n\n.ssh:\nauthorized_keys\n`);
  });

  test('whatever stands in the values comes out whole, and nothing of it is executed', () => {
    const text = fc.array(fc.oneof(fc.constantFrom("'", '"', '\\', '$(touch hacked)', '`touch hacked`', ';touch hacked;', '\n', ' ', '${IFS}', '*'), fc.string({ unit: 'grapheme' })), { maxLength: 6 })
      .map((pieces) => pieces.join('').replaceAll('\0', ''));
    fc.assert(fc.property(text, text, (script, username) => {
      const one = machine({ script, username });
      expect(one.boot().status).toBe(0);
      expect(readFileSync(join(one.home, '.fogbow-probe', 'probe'), 'utf8')).toBe(`${script}\n`);
      expect([existsSync(join(one.home, 'hacked')), existsSync(join(one.home, '..', 'hacked'))]).toEqual([false, false]);
    }), { numRuns: 6 });
  });
});
