import type { ServiceEvent, TunnelEvent } from '@fogbow/queues';
import { answers, forwarding, grantPorts, MANAGER, newMachine, serveBanner, ssh, startFixture } from './testing/tunnel-fixture.js';
import type { Listener, Machine, SshRun, TunnelFixture } from './testing/tunnel-fixture.js';

jest.setTimeout(30_000);
const OTHER = '127.0.0.2';
let fixture: TunnelFixture;
let other: Awaited<ReturnType<TunnelFixture['startHost']>>;
let banner: Listener;
const runs: SshRun[] = [];

beforeAll(async () => {
  fixture = await startFixture(process.env['TEST_REDIS_URL'] ?? '');
  other = await fixture.startHost(OTHER);
  banner = await serveBanner();
});
afterEach(async () => {
  for (const run of runs) run.child.kill('SIGKILL');
  await Promise.all(runs.splice(0).map((run) => run.exit));
});
afterAll(async () => {
  banner.close();
  await fixture.close();
});

/** Dials a host and resolves with the event that says so. */
async function dial(machine: Machine, port: number, at: 'one' | 'other'): Promise<{ readonly run: SshRun; readonly event: ServiceEvent }> {
  const tunnel = at === 'one' ? fixture.tunnel : other.tunnel;
  const seen = fixture.events.length;
  const run = ssh({ folder: fixture.folder, tunnel }, machine, ...forwarding(port, banner.port));
  runs.push(run);
  const event = await fixture.event((one) => one.type === 'service-up' && one.grantId === machine.grant.id && one.where?.dialHost === tunnel.endpoint.dialHost, seen);
  return { run, event: event as ServiceEvent };
}
const isDown = (machine: Machine, dialHost: string) => (event: TunnelEvent): boolean => event.type === 'service-down' && event.grantId === machine.grant.id && event.where?.dialHost === dialHost;

test('both hosts are told, with their own keys, and both let a machine in on the same port; the newer session counts', async () => {
  const machine = newMachine();
  const answer = await fixture.queues.request('grant-tunnels', { manager: MANAGER, grants: [machine.grant] }, 8000);
  expect(answer.endpoints?.map(({ dialHost }) => dialHost).sort()).toEqual(['127.0.0.1', OTHER]);
  expect([answer.alive, new Set(answer.endpoints?.map(({ hostKey }) => hostKey)).size]).toEqual([2, 2]);
  const [port = 0] = await grantPorts(fixture, machine);
  const first = await dial(machine, port, 'one');
  const seen = fixture.events.length;
  const second = await dial(machine, port, 'other');
  expect([first.event.where?.publicHost, second.event.where?.publicHost, second.event.port]).toEqual(['localhost', OTHER, port]);
  const down = await fixture.event(isDown(machine, '127.0.0.1'), seen) as ServiceEvent;
  await first.run.exit;
  expect(String(down.since) < String(second.event.since)).toBe(true);
  expect([await answers(port), await answers(port, OTHER)]).toEqual([false, true]);
});

test('what is revoked is cut at every host within a second, and nobody lets it in again', async () => {
  const machines = [newMachine(), newMachine()] as const;
  const [one = 0, two = 0] = await grantPorts(fixture, ...machines);
  const dialled = [await dial(machines[0], one, 'one'), await dial(machines[1], two, 'other')];
  const begun = performance.now();
  await fixture.queues.add('revoke-tunnels', { manager: MANAGER, ids: machines.map(({ grant }) => grant.id) });
  await Promise.all(dialled.map(({ run }) => run.exit));
  expect(performance.now() - begun).toBeLessThan(2000);
  for (const tunnel of [fixture.tunnel, other.tunnel]) {
    const run = ssh({ folder: fixture.folder, tunnel }, machines[0], ...forwarding(one, banner.port));
    expect((await run.exit).stderr).toContain('Permission denied');
  }
});

test('a host that is started later knows every grant, and the status of each names them all', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  await other.stop();
  other = await fixture.startHost(OTHER);
  await dial(machine, port, 'other');
  const status = await (await fetch(`http://127.0.0.1:${other.tunnel.httpPort}/v1/status`)).json() as { hosts: { dial: string; isAlive: boolean }[] };
  expect(status.hosts.filter(({ isAlive }) => isAlive).map(({ dial: place }) => place)).toContain(`127.0.0.1:${fixture.tunnel.endpoint.dialPort}`);
});

test('a machine that is pushed to and fro between two hosts is not let in again and again', async () => {
  const machine = newMachine();
  const [port = 0] = await grantPorts(fixture, machine);
  let refused = 0;
  for (let round = 0; round < 12 && refused === 0; round += 1) {
    const run = ssh({ folder: fixture.folder, tunnel: round % 2 === 0 ? fixture.tunnel : other.tunnel }, machine, ...forwarding(port, banner.port));
    runs.push(run);
    const seen = fixture.events.length;
    const up = fixture.event((event) => event.type === 'service-up' && event.grantId === machine.grant.id, seen).then(() => 'up', () => 'nothing');
    if (await Promise.race([up, run.exit.then(() => 'away')]) !== 'up') refused += 1;
  }
  expect(refused).toBe(1);
});
