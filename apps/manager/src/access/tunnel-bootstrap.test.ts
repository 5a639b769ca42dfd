import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { connectRedis, createJobQueues, startJobWorkers } from '@fogbow/queues';
import type { JobQueues, TunnelEndpoint, TunnelEvent } from '@fogbow/queues';
import { newId, newSecret } from '@fogbow/service-runtime';
import { tunnelBootstrap } from './tunnel-bootstrap.js';

const root = resolvePath(__dirname, '../../../..');
const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const pathOf = (program: string): string => spawnSync('sh', ['-c', `command -v ${program}`]).stdout.toString().trim();
/** Those of the shells that a machine may have as its sh that are here too. */
const shells = ['dash', 'bash', 'busybox'].flatMap((name) => (pathOf(name) ? [[name, pathOf(name)] as const] : []));
const prefix = `test-${newId()}`;
const secret = newSecret();
const grantId = newId();
const events: TunnelEvent[] = [];
const producer = connectRedis(redisUrl, 'producer', () => undefined);
const blocking = connectRedis(redisUrl, 'worker', () => undefined);
let notify = (): void => undefined;
let folder: string;
let tunnel: ChildProcess;
let queues: JobQueues;
let manager: ReturnType<typeof startJobWorkers>;
let machineSsh: net.Server;
let script: string;

/** The tunnel as its own process, as it runs in the DMZ; a Manager must not import it. */
async function startTunnelProcess(): Promise<ChildProcess> {
  await build({
    absWorkingDir: root, entryPoints: ['apps/reverse-tunnel/src/main.ts'], outdir: folder, bundle: true, platform: 'node', target: 'node20', format: 'cjs',
    loader: { '.node': 'copy' }, external: ['cpu-features'], tsconfig: 'tsconfig.base.json', logLevel: 'error',
  });
  const port = 10_000 + 20 * (process.pid % 450);
  writeFileSync(join(folder, 'tunnel.yaml'), JSON.stringify({
    ssh: { host: '127.0.0.1', port: 0, hostKeyFile: join(folder, 'host-key') }, ports: { host: '127.0.0.1', from: port, to: port + 19 },
    publicHost: 'localhost', dialHost: '127.0.0.1', redis: { url: redisUrl, prefix }, http: { port: 0 },
  }));
  return spawn(process.execPath, [join(folder, 'main.js'), '--config', join(folder, 'tunnel.yaml')], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const event = (type: TunnelEvent['type'], from: number): Promise<void> => new Promise((done, reject) => {
  const timer = setTimeout(() => reject(new Error(`no ${type} among ${JSON.stringify(events)}`)), 10_000);
  notify = () => {
    if (!events.slice(from).some((candidate) => candidate.type === type)) return;
    clearTimeout(timer);
    done();
  };
  notify();
});

const processesOf = (state: string): { pid: number; line: string }[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
  try {
    const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return line.includes(state) ? [{ pid: Number(name), line }] : [];
  } catch {
    return [];
  }
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  queues = createJobQueues({ connection: producer, eventsConnection: blocking, prefix, onError: () => undefined });
  manager = startJobWorkers({ connection: blocking, prefix, onError: () => undefined, handlers: { 'tunnel-event': async (given) => { events.push(given); notify(); } } });
  machineSsh = net.createServer((socket) => void socket.on('error', () => undefined).end('SSH-2.0-machine\r\n'));
  await new Promise<void>((done) => { machineSsh.listen(0, '127.0.0.1', done); });
  tunnel = await startTunnelProcess();
  await event('started', 0);
  const answer = await queues.request('grant-tunnels', {
    manager: 'manager.a', grants: [{ id: grantId, secretHash: createHash('sha256').update(secret).digest('hex'), owner: 'o', services: [{ name: 'ssh' }] }],
  }, 5000);
  const [grant] = answer.grants;
  if (!grant || 'refused' in grant) throw new Error(JSON.stringify(answer));
  script = tunnelBootstrap({ endpoints: [answer.endpoint], grantId, secret, services: grant.services.map((service) => ({ ...service, localPort: 22 })) });
}, 20_000);

afterAll(async () => {
  tunnel.kill();
  await new Promise((done) => { tunnel.once('exit', done); });
  machineSsh.close();
  await manager.close();
  await queues.close();
  await producer.del(...await producer.keys(`${prefix}:*`));
  producer.disconnect();
  blocking.disconnect();
  rmSync(folder, { recursive: true });
});

describe.each(shells)('run by %s', (shell, path) => {
  let state: string;
  const pid = (): number => Number(readFileSync(join(state, 'tunnel.pid'), 'utf8'));
  afterEach(() => { for (const left of processesOf(state)) process.kill(left.pid); });

  test('the script opens the tunnel, keeps it open, starts once, shows no secret and ends when it is told to', async () => {
    state = join(folder, `state of 'x' $HOME ${shell}`);
    const bin = join(folder, `bin-${shell}`);
    mkdirSync(bin);
    symlinkSync(path, join(bin, 'sh'));
    mkdirSync(state, { mode: 0o755 });
    const env = { PATH: `${bin}:${process.env['PATH']}`, FOGBOW_STATE_DIR: state, FOGBOW_LOCAL_SSH_PORT: String((machineSsh.address() as net.AddressInfo).port) };
    const run = (content: string): unknown => {
      const { status, stderr } = spawnSync(join(bin, 'sh'), ['-c', content], { env, timeout: 5000, stdio: ['ignore', 'ignore', 'pipe'] });
      return { status, stderr: stderr.toString() };
    };

    let seen = events.length;
    expect(run(script)).toEqual({ status: 0, stderr: '' });
    await event('service-up', seen);
    const loop = pid();
    const lines = processesOf('').map(({ line }) => line);
    expect(lines.some((line) => line.includes(` -l ${grantId} `))).toBe(true);
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    expect(['tunnel-secret', 'tunnel-askpass', 'known_hosts'].map((name) => statSync(join(state, name)).mode & 0o777)).toEqual([0o600, 0o700, 0o600]);

    // Another run finds the loop alive, and its own attempt is over when the shell has nothing to wait for.
    expect(run(`${script}\nwait`)).toEqual({ status: 0, stderr: '' });
    expect(processesOf(state)).toEqual([expect.objectContaining({ pid: loop })]);
    expect(pid()).toBe(loop);

    seen = events.length;
    process.kill(Number(readFileSync(`/proc/${loop}/task/${loop}/children`, 'utf8').trim()));
    await event('service-up', seen);

    seen = events.length;
    process.kill(loop);
    await event('service-down', seen);
    while (existsSync(join(state, 'tunnel.pid')) || processesOf(state).length > 0) await new Promise((done) => { setImmediate(done); });
  }, 30_000);
});

/** A stand-in for a client: says who it is, does what it is told with its arguments. */
function standIn(bin: string, name: string, version: string, body: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n[ "$1" = -V ] && { echo '${version}' >&2; exit; }\n${body}\n`, { mode: 0o755 });
}
const OPENSSH = 'OpenSSH_9.9';
const DROPBEAR = 'Dropbear v2022.83';
const ENDPOINT: TunnelEndpoint = { dialHost: 'h', dialPort: 2222, publicHost: 'p', hostKey: 'ssh-ed25519 AAAA' };

// What dash understands bash does too, at ten times the price.
describe.each(shells.filter(([shell]) => shell !== 'bash'))('in %s', (shell, path) => {
  const runWith = (bin: string, state: string, content: string): number | null =>
    spawnSync(path, [...(shell === 'busybox' ? ['sh'] : []), '-c', content], { cwd: state, env: { PATH: `${bin}:${process.env['PATH']}`, FOGBOW_STATE_DIR: state }, timeout: 15_000 }).status;

  test('whatever stands in the values, they come out whole and nothing of them is executed', () => {
    const text = fc.array(fc.oneof(fc.constantFrom("'", '"', '\\', '$(touch hacked)', '`touch hacked`', ';touch hacked;', '\n', ' ', '-o', "'\\''", '${IFS}', '*', '\r'), fc.string({ unit: 'grapheme' })), { maxLength: 6 })
      .map((pieces) => pieces.join('').replaceAll('\0', ''));
    const bin = mkdtempSync(join(folder, 'bin-'));
    standIn(bin, 'ssh', OPENSSH, 'printf "%s\\0" "$@" > args\nkill $PPID');
    const show = '\n. ./tunnel-settings; endpoint 1; printf "%s\\0" "$grant_id" "$api_url" "$host" "$host_key" >shown';
    fc.assert(fc.property(text, text, text, text, (user, password, host, comment) => {
      const state = mkdtempSync(join(folder, 'p-'));
      const hostKey = `ssh-ed25519 AAAA ${comment}`;
      const content = tunnelBootstrap({
        endpoints: [{ ...ENDPOINT, dialHost: host }, { ...ENDPOINT, dialHost: comment, hostKey, web: { url: host, ca: comment } }], grantId: user, secret: password,
        services: [{ name: 'ssh', port: 20_000, localPort: 22 }],
      });
      expect(runWith(bin, state, `${content}\nwait${show}`)).toBe(0);
      const given = readFileSync(join(state, 'args'), 'utf8').split('\0').slice(0, -1);
      expect(given.slice(-4)).toEqual(['-l', user, '--', host]);
      expect(given).toContain('0.0.0.0:20000:127.0.0.1:22');
      expect(readFileSync(join(state, 'shown'), 'utf8').split('\0').slice(0, -1)).toEqual([user, host, comment, hostKey]);
      expect(readFileSync(join(state, 'tunnel-secret'), 'utf8')).toBe(`${password}\n`);
      expect(readFileSync(join(state, 'tunnel-ca.pem'), 'utf8')).toBe(`${comment}\n`);
      expect(existsSync(join(state, 'hacked'))).toBe(false);
    }), { numRuns: 15 });
  }, 30_000);

  test('a loop that finds its own number from before a restart opens the tunnel', () => {
    const [bin, state] = [mkdtempSync(join(folder, 'bin-')), mkdtempSync(join(folder, 'r-'))];
    standIn(bin, 'ssh', OPENSSH, ': > dialled\nkill $PPID');
    expect(runWith(bin, state, `${tunnelBootstrap({ endpoints: [ENDPOINT], grantId: 'g', secret: 's', services: [] })}\nwait`)).toBe(0);
    rmSync(join(state, 'dialled'));
    expect(runWith(bin, state, `echo $$ >tunnel.pid; exec ${path} ${shell === 'busybox' ? 'sh' : ''} ./fogbow-tunnel-loop "$PWD"`)).toBe(0);
    expect(existsSync(join(state, 'dialled'))).toBe(true);
  });

  test('the endpoints are tried in turn, each with its own key alone', () => {
    const [bin, state] = [mkdtempSync(join(folder, 'bin-')), mkdtempSync(join(folder, 't-'))];
    standIn(bin, 'ssh', OPENSSH, 'for last; do :; done\necho "$last $(cat known_hosts)" >>dials\n[ "$(wc -l <dials)" -lt 3 ] || kill $PPID');
    const endpoints = ['one', 'two'].map((dialHost) => ({ ...ENDPOINT, dialHost, hostKey: `ssh-ed25519 ${dialHost}` }));
    expect(runWith(bin, state, `${tunnelBootstrap({ endpoints, grantId: 'g', secret: 's', services: [] })}\nwait`)).toBe(0);
    expect(readFileSync(join(state, 'dials'), 'utf8').trim().split('\n')).toEqual(['one fogbow-tunnel ssh-ed25519 one', 'two fogbow-tunnel ssh-ed25519 two', 'one fogbow-tunnel ssh-ed25519 one']);
  });

  test.each([['as ssh', 'ssh'], ['beside no ssh', 'dbclient']])('dropbear %s dials with its key pinned and its secret out of sight', (_name, program) => {
    const [bin, state] = [mkdtempSync(join(folder, 'bin-')), mkdtempSync(join(folder, 'd-'))];
    standIn(bin, 'ssh', program === 'ssh' ? DROPBEAR : 'nothing', 'exit 1');
    standIn(bin, program, DROPBEAR, 'printf "%s\\n" "$@" >args; echo "$DROPBEAR_PASSWORD" >password; cp "$HOME/.ssh/known_hosts" known; read -r answer; echo "$answer" >answer; kill $PPID');
    expect(runWith(bin, state, `${tunnelBootstrap({ endpoints: [ENDPOINT], grantId: 'g', secret: 'whisper', services: [{ name: 'ssh', port: 20_000, localPort: 22 }] })}\nwait`)).toBe(0);
    const read = (name: string): string => readFileSync(join(state, name), 'utf8').trim();
    expect([read('password'), read('known'), read('answer')]).toEqual(['whisper', 'h ssh-ed25519 AAAA', 'n']);
    expect(read('args').split('\n').slice(-4)).toEqual(['0.0.0.0:20000:127.0.0.1:22', '-l', 'g', 'h']);
    expect(read('args')).not.toContain('whisper');
  });

  test('a service with which dropbear is refused is left out the next time, and not when the tunnel was only away', () => {
    const [bin, state] = [mkdtempSync(join(folder, 'bin-')), mkdtempSync(join(folder, 'x-'))];
    mkdirSync(join(state, 'services.d'));
    writeFileSync(join(state, 'services.d', 'web'), '20001 8080\n');
    standIn(bin, 'ssh', DROPBEAR, 'case "$*" in *20001*) echo with ;; *) echo without ;; esac >>dials\ncase "$(wc -l <dials)" in *2*) echo "Remote TCP forward request failed" >&2 ;; *4*) kill $PPID ;; esac');
    expect(runWith(bin, state, `${tunnelBootstrap({ endpoints: [ENDPOINT], grantId: 'g', secret: 's', services: [] })}\nwait`)).toBe(0);
    expect(readFileSync(join(state, 'dials'), 'utf8').trim().split('\n')).toEqual(['with', 'with', 'without', 'with']);
  }, 20_000);
});

test('a machine whose tunnel takes no further services has a command that says so', () => {
  const [bin, state] = [mkdtempSync(join(folder, 'bin-')), mkdtempSync(join(folder, 'n-'))];
  standIn(bin, 'ssh', OPENSSH, 'kill $PPID');
  const env = { PATH: `${bin}:${process.env['PATH']}`, FOGBOW_STATE_DIR: state };
  spawnSync('sh', ['-c', `${tunnelBootstrap({ endpoints: [ENDPOINT], grantId: 'g', secret: 's', services: [] })}\nwait`], { env, timeout: 5000 });
  const { status, stderr } = spawnSync(join(state, 'create-fogbow-tunnel'), ['web', '80'], { env });
  expect([status, stderr.toString()]).toEqual([1, expect.stringContaining('takes no further services')]);
});
