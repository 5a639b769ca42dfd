import net from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import { SETTLE_MS } from './grants/replace-tunnels.js';
import { answers, exchange, forwarding, grantPorts, MANAGER, newMachine, serve, serveBanner, ssh, startFixture } from './testing/tunnel-fixture.js';
import type { Listener, Machine, SshRun, TunnelFixture } from './testing/tunnel-fixture.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
const children: SshRun[] = [];
const listeners: Listener[] = [];
let fixture: TunnelFixture;

beforeAll(async () => { fixture = await startFixture(redisUrl); });
afterEach(async () => {
  for (const run of children) run.child.kill('SIGKILL');
  await Promise.all(children.splice(0).map((run) => run.exit));
  for (const listener of listeners.splice(0)) listener.close();
});
afterAll(() => fixture.close());

const dial = (machine: Machine, ...args: string[]): SshRun => {
  const run = ssh(fixture, machine, ...args);
  children.push(run);
  return run;
};
const serving = async (server: Promise<Listener>): Promise<number> => {
  const listener = await server;
  listeners.push(listener);
  return listener.port;
};
const up = (machine: Machine, service = 'ssh', from = 0): Promise<unknown> =>
  fixture.event((event) => event.type === 'service-up' && event.grantId === machine.grant.id && event.service === service, from);
const down = (machine: Machine, from = 0): Promise<unknown> =>
  fixture.event((event) => event.type === 'service-down' && event.grantId === machine.grant.id, from);
const openTunnel = async (machine: Machine, port: number): Promise<SshRun> => {
  const run = dial(machine, ...forwarding(port, await serving(serveBanner())));
  await up(machine);
  return run;
};

test('a machine forwards its services and data goes both ways', async () => {
  const machine = newMachine('ssh', 'web');
  const [sshPort = 0, webPort = 0] = await grantPorts(fixture, machine);
  const web = await serving(serve((socket) => socket.pipe(socket)));
  dial(machine, ...forwarding(sshPort, await serving(serveBanner())), '-R', `0.0.0.0:${webPort}:127.0.0.1:${web}`);
  await Promise.all([up(machine), up(machine, 'web')]);
  const sent = randomBytes(3_000_000);
  expect((await exchange(webPort, sent)).equals(sent)).toBe(true);
});

test('a reply that comes after the user has ended its side arrives whole', async () => {
  const machine = newMachine('web');
  const [port = 0] = await grantPorts(fixture, machine);
  const local = await serving(serve((socket) => {
    const hash = createHash('sha256');
    socket.on('data', (chunk) => hash.update(chunk));
    socket.on('end', () => socket.end(`${hash.digest('hex')}${'x'.repeat(5_000_000)}`));
  }));
  dial(machine, ...forwarding(port, local));
  await up(machine, 'web');
  const sent = randomBytes(8_000_000);
  const reply = (await exchange(port, sent)).toString('latin1');
  expect(reply.slice(0, 64)).toBe(createHash('sha256').update(sent).digest('hex'));
  expect(reply).toHaveLength(5_000_064);
});

test('a wrong secret, and an unknown user, are refused', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  const runs = [dial({ ...machine, secret: 'wrong' }, ...forwarding(port, 9)), dial(newMachine(), ...forwarding(port, 9))];
  for (const { code, stderr } of await Promise.all(runs.map((run) => run.exit))) {
    expect(stderr).toContain('Permission denied');
    expect(code).toBe(255);
  }
});

test('the port of another grant, a free port and port 0 are refused', async () => {
  const [mine, other] = [newMachine(), newMachine()];
  const [, otherPort = 0] = await grantPorts(fixture, mine, other);
  for (const port of [otherPort, 1, 0]) {
    const { code, stderr } = await dial(mine, ...forwarding(port, 9)).exit;
    expect({ code, refused: /forwarding failed|not allowed/.test(stderr) }).toEqual({ code: 255, refused: true });
  }
});

test('a shell, a command, sftp, direct-tcpip and unix sockets are refused', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  for (const args of [[], ['true'], ['-s', 'sftp'], ['-A', '-X', '-t', 'true']]) {
    const { code, stderr } = await dial(machine, ...args).exit;
    expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringMatching(/open failed|prohibited/) });
  }
  expect((await dial(machine, '-W', `127.0.0.1:${fixture.tunnel.httpPort}`).exit).stderr).toMatch(/open failed|prohibited/);
  expect((await dial(machine, '-N', '-R', '/tmp/fogbow-refused.sock:127.0.0.1:9').exit).stderr).toContain('forwarding failed');
  expect(await answers(port)).toBe(false);
});

test('the newest session of a grant wins', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  const older = await openTunnel(machine, port);
  const seen = fixture.events.length;
  dial(machine, ...forwarding(port, await serving(serveBanner())));
  await older.exit;
  await up(machine, 'ssh', seen);
  expect((await exchange(port, '')).toString()).toContain('SSH-2.0-test');
});

test('service-up waits until an SSH server answers', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  let ready = false;
  let asked = (): void => undefined;
  const refusedOnce = new Promise<void>((resolve) => { asked = resolve; });
  const local = await serving(serve((socket) => {
    if (ready) return void socket.end('SSH-2.0-late\r\n');
    socket.end('starting');
    asked();
  }));
  dial(machine, ...forwarding(port, local));
  await refusedOnce;
  expect(fixture.events.some((event) => event.type === 'service-up' && event.grantId === machine.grant.id)).toBe(false);
  ready = true;
  await up(machine);
});

test('a revoked grant is cut within a second, together with its users', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  const run = await openTunnel(machine, port);
  const user = net.connect(port, '127.0.0.1');
  await new Promise((resolve) => { user.once('data', resolve); });
  const began = performance.now();
  const userGone = new Promise((resolve) => { user.once('close', resolve); user.on('error', () => undefined); });
  await fixture.queues.add('revoke-tunnels', { manager: MANAGER, ids: [machine.grant.id] });
  await Promise.all([run.exit, userGone]);
  expect(performance.now() - began).toBeLessThan(1000);
  expect(await answers(port)).toBe(false);
  expect((await dial(machine, ...forwarding(port, 9)).exit).stderr).toContain('Permission denied');
});

test('a Manager cannot touch the grants of another', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  await fixture.queues.add('revoke-tunnels', { manager: 'manager.b', ids: [machine.grant.id] });
  const answer = await fixture.queues.request('grant-tunnels', { manager: 'manager.b', grants: [machine.grant] }, 5000);
  expect(answer.grants).toEqual([{ id: machine.grant.id, refused: expect.stringContaining('another Manager') }]);
  expect(await grantPorts(fixture, machine)).toEqual([port]);
});

test('after a restart the same machine is back on the same port', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  const { hostKey } = fixture.tunnel.endpoint;
  const run = await openTunnel(machine, port);
  let seen = fixture.events.length;
  await fixture.stopTunnel();
  await run.exit;
  await down(machine, seen);
  seen = fixture.events.length;
  await fixture.startTunnel();
  await fixture.event((event) => event.type === 'started', seen);
  expect(fixture.tunnel.endpoint.hostKey).toBe(hostKey);
  expect(await grantPorts(fixture, machine)).toEqual([port]);
  dial(machine, ...forwarding(port, await serving(serveBanner())));
  await up(machine, 'ssh', seen);
});

test('a tunnel that lost its Redis gets the same ports from the whole list', async () => {
  const machines = [newMachine('ssh', 'web'), newMachine()];
  const ports = await grantPorts(fixture, ...machines);
  await fixture.stopTunnel();
  await fixture.redis.del(...await fixture.redis.keys(`${fixture.prefix}:*`));
  await fixture.startTunnel();
  let next = 0;
  const grants = machines.map(({ grant }) => ({ ...grant, services: grant.services.map(({ name }) => ({ name, port: ports[next++] ?? 0 })) }));
  await fixture.queues.request('replace-tunnels', { manager: MANAGER, grants, asOf: new Date().toISOString() }, 5000);
  expect(await grantPorts(fixture, ...machines)).toEqual(ports);
  await openTunnel(machines[0] as Machine, ports[0] ?? 0);
});

test('the whole list ends what it does not name, but not what was made after it was drawn up', async () => {
  const [kept, old, young] = [newMachine(), newMachine(), newMachine()];
  const [, oldPort = 0] = await grantPorts(fixture, kept, old);
  const run = await openTunnel(old, oldPort);
  const asOf = new Date(Date.now() + 1 + SETTLE_MS).toISOString();
  while (Date.now() <= Date.parse(asOf) - SETTLE_MS) await new Promise((resolve) => { setImmediate(resolve); });
  const [youngPort] = await grantPorts(fixture, young);
  await fixture.queues.request('replace-tunnels', { manager: MANAGER, grants: [kept.grant], asOf }, 5000);
  await run.exit;
  expect(await grantPorts(fixture, young)).toEqual([youngPort]);
  expect((await dial(old, ...forwarding(oldPort, 9)).exit).stderr).toContain('Permission denied');
});

test('a port that another program holds is refused, and never given when it can be seen', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  const thief = net.createServer().listen(port, '127.0.0.1');
  expect((await dial(machine, ...forwarding(port, 9)).exit).stderr).toContain('forwarding failed');
  thief.close();
  await openTunnel(machine, port);
});

test('status shows counts and sessions and no secret', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  await openTunnel(machine, port);
  const base = `http://127.0.0.1:${fixture.tunnel.httpPort}`;
  const text = await (await fetch(`${base}/v1/status`)).text();
  expect(JSON.parse(text)).toMatchObject({ sessionCount: 1, sessions: [{ grantId: machine.grant.id, services: [{ name: 'ssh', port, up: true }] }] });
  expect(text).not.toContain(machine.grant.secretHash);
  expect((await fetch(`${base}/health/ready`)).status).toBe(200);
  expect(await (await fetch(`${base}/metrics`)).text()).toContain('fogbow_tunnel_sessions');
});
