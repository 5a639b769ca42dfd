import net from 'node:net';
import { awaitEvent } from '../await-event.js';
import type { Chapter, Step } from '../story.js';
import { closed, connect, echoes, must, startMachine } from './machine.js';
import { openSsh } from './ssh-clients.js';
import type { OpenSshOptions } from './ssh-clients.js';
import type { Granted, TunnelWorld } from './tunnel-world.js';

/** A step in which something must be refused and counted. */
const attack = (world: TunnelWorld, what: string, reason: string, action: () => Promise<void>): Step => [what, async () => {
  const counter = `refusals_total{reason="${reason}"}`;
  const before = await world.metric(counter);
  await action();
  await awaitEvent(`${reason} is counted`, async () => await world.metric(counter) > before, { timeoutMs: 5000 });
  return `counted as ${reason}`;
}];

const refused = async (world: TunnelWorld, grant: Granted, args: readonly string[], words: RegExp, options: OpenSshOptions = {}): Promise<void> => {
  const { code, said } = await openSsh(world, grant, args, options).exit;
  must(code === 255 && words.test(said), `ssh ended with ${code}: ${said}`);
};

const forward = (port: number, address = '0.0.0.0'): string[] => ['-N', '-R', `${address}:${port}:127.0.0.1:9`];
const FORWARD = /forwarding failed|not allowed/;
const CHANNEL = /open failed|prohibited|forwarding failed/;
const LOGIN = /Permission denied/;

export function attacks(world: TunnelWorld): Chapter[] {
  const own: { mine?: Granted; other?: Granted; gone?: Granted } = {};
  const mine = (): Granted => own.mine as Granted;
  const begin: Step = ['two grants, and one that is revoked', async () => {
    [own.mine, own.other, own.gone] = [await world.grant(), await world.grant(), await world.grant()];
    await world.revoke(own.gone);
    await awaitEvent('it is gone', async () => await world.metric('grants') === 2);
  }];
  const by = (args: () => string[], words: RegExp): (() => Promise<void>) => () => refused(world, mine(), args(), words);
  return [
    { name: 'What a machine may not', steps: [
      begin,
      attack(world, 'the port of another grant', 'foreign-port', by(() => forward((own.other as Granted).port), FORWARD)),
      attack(world, '0.0.0.0:22', 'foreign-port', by(() => forward(22), FORWARD)),
      attack(world, 'any port', 'foreign-port', by(() => forward(0), FORWARD)),
      attack(world, 'its port on an address of its choice', 'bind-address', by(() => forward(mine().port, '192.0.2.1'), FORWARD)),
      attack(world, 'its port under a forged host name', 'bind-address', by(() => forward(mine().port, 'portal.example.org'), FORWARD)),
      attack(world, 'direct-tcpip to an internal host', 'direct-tcpip', by(() => ['-W', '127.0.0.1:6379'], CHANNEL)),
      attack(world, 'a shell', 'session', by(() => [], CHANNEL)),
      attack(world, 'a subsystem', 'session', () => refused(world, mine(), ['-s'], CHANNEL, { command: 'sftp' })),
      attack(world, 'agent, X11, environment and a terminal', 'session', by(() => ['-A', '-X', '-tt', '-o', 'SetEnv=LD_PRELOAD=/tmp/x.so'], CHANNEL)),
      attack(world, 'a unix socket of the tunnel', 'streamlocal', by(() => ['-N', '-R', '/tmp/fogbow-attack.sock:127.0.0.1:9'], /failed/)),
      ['and its own port all the same', async () => { await use(world, mine()); }],
    ] },
    { name: 'Who may not come in', steps: [
      attack(world, 'path traversal as an id', 'bad-id', () => refused(world, { ...mine(), id: '../../../etc/passwd' }, ['-N'], LOGIN)),
      attack(world, 'a revoked secret', 'ended-grant', () => refused(world, own.gone as Granted, ['-N'], LOGIN)),
      attack(world, 'the secret of a deleted order, replayed under the id of another', 'wrong-secret', () => refused(world, { ...(own.other as Granted), secret: (own.gone as Granted).secret }, ['-N'], LOGIN)),
      attack(world, 'an id that never was', 'unknown-grant', () => refused(world, { ...mine(), id: '00000000-0000-4000-8000-000000000000-1' }, ['-N'], LOGIN)),
      attack(world, 'noise', 'handshake', () => noise(world, 'GET / HTTP/1.0\r\n\r\n')),
      attack(world, 'the SSH of the last century', 'handshake', () => noise(world, 'SSH-1.5-old\r\n')),
      attack(world, 'silence until the login time is over', 'login-grace', async () => { await closed(await connect(world.sshPort)); }),
      attack(world, 'one letter at a time', 'login-grace', () => drip(world)),
    ] },
    { name: 'Who has to wait', steps: [
      attack(world, 'an address that guesses and guesses', 'penalty', () => guess(world, mine(), '127.0.0.9')),
      ['and nobody else waits', () => use(world, mine(), '127.0.0.10')],
      ['nor does a machine that dials from where another one is logged in', async () => {
        const there = startMachine(world, mine(), { from: '127.0.0.11' });
        await there.ready();
        await guess(world, own.other as Granted, '127.0.0.11');
        await use(world, own.other as Granted, '127.0.0.11');
        there.stop();
      }],
      attack(world, 'more silent connections than one address may have', 'too-many-from-address', () => crowd(world)),
      ['nothing has died of it', async () => { await use(world, own.other as Granted, '127.0.0.12'); must(world.control().exitCode === null, 'the control died'); must((await world.status()).workers.length === 2, 'a worker is missing'); }],
    ] },
  ];
}

async function use(world: TunnelWorld, grant: Granted, from = '127.0.0.1'): Promise<void> {
  const machine = startMachine(world, grant, { from });
  try {
    await Promise.race([machine.ready(), new Promise((_resolve, reject) => { setTimeout(() => reject(new Error(`no tunnel: ${machine.fault}`)), 15_000); })]);
    await echoes(grant.port);
  } finally {
    machine.stop();
  }
}

async function noise(world: TunnelWorld, text: string): Promise<void> {
  const socket = await connect(world.sshPort);
  socket.write(text);
  await closed(socket);
}

async function drip(world: TunnelWorld): Promise<void> {
  const socket = net.connect({ port: world.sshPort, host: '127.0.0.1', localAddress: '127.0.0.8' });
  const dripping = setInterval(() => { if (socket.writable) socket.write('S'); }, 100);
  await closed(socket).finally(() => clearInterval(dripping));
}

/** Wrong secrets until the address is turned away. */
async function guess(world: TunnelWorld, grant: Granted, from: string): Promise<void> {
  const counter = 'refusals_total{reason="penalty"}';
  const before = await world.metric(counter);
  for (let tries = 0; await world.metric(counter) === before; tries += 1) {
    must(tries < 50, 'it may guess for ever');
    const machines = Array.from({ length: 4 }, (_, index) => startMachine(world, { ...grant, secret: `wrong ${tries} ${index}` }, { from, redials: false }));
    await Promise.all(machines.map((machine) => machine.ready().catch(() => undefined)));
    for (const machine of machines) machine.stop();
  }
}

async function crowd(world: TunnelWorld): Promise<void> {
  const sockets = Array.from({ length: 60 }, () => net.connect({ port: world.sshPort, host: '127.0.0.1', localAddress: '127.0.0.13' }).on('error', () => undefined));
  await Promise.race(sockets.map(closed));
  for (const socket of sockets) socket.destroy();
}
