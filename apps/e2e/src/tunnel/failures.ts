import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'ssh2';
import { awaitEvent } from '../await-event.js';
import { medianOf, quantileOf } from '../quantiles.js';
import type { Chapter } from '../story.js';
import { closed, connect, echoes, must, startMachine } from './machine.js';
import type { Machine } from './machine.js';
import type { Granted, TunnelWorld } from './tunnel-world.js';

export interface FailureSizes {
  readonly machines: number;
  readonly redisAwayMs: number;
  readonly guessSeconds: number;
}

const MIB = 1024 * 1024;
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

export function failures(world: TunnelWorld, sizes: FailureSizes): Chapter[] {
  return [killed(world, sizes), workerKilled(world), redisAway(world, sizes), fullRange(world), neverReads(world), manyChannels(world), guessing(world, sizes)];
}

async function fleet(world: TunnelWorld, count: number): Promise<{ grants: Granted[]; machines: Machine[] }> {
  const grants: Granted[] = [];
  for (let index = 0; index < count; index += 1) grants.push(await world.grant());
  const machines = grants.map((grant) => startMachine(world, grant));
  await Promise.all(machines.map((machine) => machine.ready()));
  return { grants, machines };
}

async function allBack(machines: readonly Machine[], before: readonly number[], timeoutMs: number): Promise<void> {
  const away = (): number => machines.filter((machine, index) => machine.opened <= (before[index] ?? 0)).length;
  await awaitEvent('all machines are back', () => away() === 0, { timeoutMs, everyMs: 50, seen: () => ({ away: away(), faults: [...new Set(machines.map(({ fault }) => fault))] }) });
}

function killed(world: TunnelWorld, { machines: count }: FailureSizes): Chapter {
  let [grants, machines]: [Granted[], Machine[]] = [[], []];
  return { name: 'The tunnel is killed and started anew', steps: [
    [`${count} live machines`, async () => { ({ grants, machines } = await fleet(world, count)); }],
    ['kill -9, a new start, and all are back on their ports within 30 s', async () => {
      const before = machines.map(({ opened }) => opened);
      await world.stop('SIGKILL');
      const begun = performance.now();
      await world.start();
      const ready = seconds(begun);
      await allBack(machines, before, 30_000);
      const all = seconds(begun);
      for (const { port } of grants) await echoes(port);
      return `the tunnel after ${ready}, all machines after ${all}; turned away on the way: ${await world.metric('refusals_total{reason="too-many-from-address"}')}`;
    }],
    ['and the workers have as many each', async () => {
      const loads = (await world.status()).workers.map(({ connections }) => connections);
      must(Math.max(...loads) - Math.min(...loads) <= 1 + count / 20, `they have ${loads.join(' and ')}`);
      return loads.join(' and ');
    }],
    ['the machines go', async () => { for (const machine of machines) machine.stop(); for (const grant of grants) await world.revoke(grant); await awaitEvent('no grants', async () => await world.metric('grants') === 0); }],
  ] };
}

function workerKilled(world: TunnelWorld): Chapter {
  return { name: 'A worker is killed', steps: [['its sessions end, those of the other live on, and another takes its place', async () => {
    const { grants, machines } = await fleet(world, 8);
    const before = machines.map(({ opened }) => opened);
    const [first] = (await world.status()).workers;
    const seen = world.events.length;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await awaitEvent('the Manager hears of four', () => world.events.slice(seen).filter(({ type }) => type === 'service-down').length === 4, { timeoutMs: 10_000, seen: () => world.events.slice(seen) });
    await awaitEvent('four are back', () => machines.filter((machine, index) => machine.opened > (before[index] ?? 0)).length === 4, { timeoutMs: 20_000 });
    for (const { port } of grants) await echoes(port);
    await awaitEvent('there are two workers', async () => (await world.status()).workers.length === 2, { timeoutMs: 20_000 });
    must(machines.filter((machine, index) => machine.opened === before[index]).length === 4, 'others were cut as well');
    for (const machine of machines) machine.stop();
    for (const grant of grants) await world.revoke(grant);
  }]] };
}

function redisAway(world: TunnelWorld, { redisAwayMs }: FailureSizes): Chapter {
  return { name: 'Redis is away', steps: [[`for ${redisAwayMs / 1000} s: users are served, machines come back, and the Manager hears of it afterwards`, async () => {
    const { grants, machines } = await fleet(world, 3);
    const seen = world.events.length;
    const gone = world.redisAway(redisAwayMs);
    await pause(500);
    machines[0]?.client.end();
    await awaitEvent('a machine comes back meanwhile', () => machines[0]?.opened === 2, { timeoutMs: redisAwayMs });
    for (const { port } of grants) await echoes(port);
    await gone;
    await awaitEvent('the Manager hears', () => world.events.slice(seen).some((event) => event.type === 'service-up' && event.grantId === grants[0]?.id), { timeoutMs: 20_000 });
    await awaitEvent('grants are made again', async () => await world.grant(), { timeoutMs: 20_000 });
    for (const machine of machines) machine.stop();
  }]] };
}

function fullRange(world: TunnelWorld): Chapter {
  return { name: 'The range of ports is full', steps: [['the refusal says so, and who has a port keeps it', async () => {
    const machine = startMachine(world, await world.grant());
    await machine.ready();
    const free = await world.metric('ports_free');
    const ask = (): ReturnType<TunnelWorld['ask']> => world.ask(Array.from({ length: free + 1 }, () => ({ id: crypto.randomUUID(), secretHash: '0'.repeat(64), owner: 'o', services: [{ name: 'web' }] })));
    const refused = (await ask()).grants.flatMap((grant) => ('refused' in grant ? [grant.refused] : []));
    must(refused.length >= 1 && /No public port is free/.test(refused[0] ?? ''), `refused: ${refused.join(', ')}`);
    must(machine.opened === 1, 'the machine was cut');
    machine.stop();
    await world.queues.request('replace-tunnels', { manager: 'manager.story', grants: [], asOf: new Date(Date.now() + 60_000).toISOString() }, 10_000);
    await awaitEvent('ports are free again', async () => await world.metric('ports_free') > 100, { timeoutMs: 10_000 });
    return refused[0];
  }]] };
}

/** Memory before and after; what the tunnel may need meanwhile is far less than what was sent. */
async function flat(world: TunnelWorld, mostMib: number, action: () => Promise<void>): Promise<string> {
  const before = world.memory();
  await action();
  const grown = (world.memory() - before) / MIB;
  must(grown < mostMib, `memory grew by ${grown.toFixed(0)} MiB`);
  return `memory grew by ${grown.toFixed(0)} MiB`;
}

function neverReads(world: TunnelWorld): Chapter {
  return { name: 'Somebody never reads', steps: [
    ['twenty users who do not take what the machine sends', async () => {
      const grant = await world.grant();
      const machine = startMachine(world, grant, { serve: (channel) => { const chunk = Buffer.alloc(MIB); const more = (): void => { while (channel.write(chunk)); }; channel.on('drain', more); more(); } });
      await machine.ready();
      const note = await flat(world, 100, async () => {
        const users = await Promise.all(Array.from({ length: 20 }, () => connect(grant.port)));
        for (const user of users) user.pause();
        await pause(4000);
        for (const user of users) user.destroy();
      });
      machine.stop();
      return note;
    }],
    ['a machine that does not take what twenty users send, and says that it had all the room of the world', async () => {
      const grant = await world.grant();
      const machine = startMachine(world, grant, { serve: () => undefined });
      await machine.ready();
      const protocol = (machine.client as unknown as { _protocol: { channelWindowAdjust(id: number, bytes: number): void }; _sock: { pause(): void } });
      const note = await flat(world, 100, async () => {
        const users = await Promise.all(Array.from({ length: 20 }, () => connect(grant.port)));
        await pause(300);
        for (let id = 0; id < 20; id += 1) protocol._protocol.channelWindowAdjust(0x4000_0000 + id, 0x7000_0000);
        protocol._sock.pause();
        for (const user of users) { const more = (): void => { while (!user.destroyed && user.write(Buffer.alloc(MIB))); }; user.on('drain', more); more(); }
        await pause(4000);
        for (const user of users) user.destroy();
      });
      machine.stop();
      return note;
    }],
    ['a machine that sends more than its window is cut', async () => {
      const grant = await world.grant();
      const machine = startMachine(world, grant, { redials: false, serve: (channel) => { (channel as unknown as { outgoing: { window: number } }).outgoing.window = 0x7fff_ffff; channel.write(Buffer.alloc(64 * MIB)); } });
      await machine.ready();
      const before = await world.metric('refusals_total{reason="protocol"}');
      const user = await connect(grant.port);
      user.pause();
      await awaitEvent('it is counted', async () => await world.metric('refusals_total{reason="protocol"}') > before, { timeoutMs: 10_000 });
      user.destroy();
      machine.stop();
    }],
  ] };
}

function manyChannels(world: TunnelWorld): Chapter {
  return { name: 'A client opens 10,000 channels', steps: [['it is cut after two hundred, and memory stays', async () => {
    const grant = await world.grant();
    const machine = startMachine(world, grant, { redials: false });
    await machine.ready();
    const before = await world.metric('refusals_total{reason="flood"}');
    const note = await flat(world, 60, async () => {
      for (let count = 0; count < 10_000; count += 1) try { machine.client.forwardOut('127.0.0.1', 1, '127.0.0.1', 22, () => undefined); } catch { break; }
      await awaitEvent('it is counted', async () => await world.metric('refusals_total{reason="flood"}') > before, { timeoutMs: 10_000 });
    });
    machine.stop();
    return note;
  }]] };
}

function guessing(world: TunnelWorld, { guessSeconds }: FailureSizes): Chapter {
  return { name: 'A thousand wrong secrets a second', steps: [[`for ${guessSeconds} s: a user works on, and a machine still logs in`, async () => {
    const [good, late] = [await world.grant(), await world.grant()];
    const machine = startMachine(world, good);
    await machine.ready();
    const user = await connect(good.port);
    const [attempts, answers] = [{ count: 0 }, [] as number[]];
    let isOver = false;
    const shooting = Array.from({ length: 32 }, async () => { while (!isOver) { await guessOnce(world, good.id, '127.0.0.66'); attempts.count += 1; await pause(32 - 1); } });
    const end = performance.now() + guessSeconds * 1000;
    let logged = '';
    const logging = (async () => { const begun = performance.now(); const second = startMachine(world, late); await second.ready(); logged = seconds(begun); second.stop(); })();
    while (performance.now() < end) {
      const asked = performance.now();
      user.write('x');
      await new Promise((resolve) => { user.once('data', resolve); });
      answers.push(performance.now() - asked);
      await pause(20);
    }
    isOver = true;
    await Promise.all([...shooting, logging]);
    const slow = quantileOf(answers, 0.99);
    must(slow < 1000, `a hundredth of the answers took ${slow.toFixed(0)} ms`);
    must(await world.metric('refusals_total{reason="penalty"}') > 0, 'nobody was turned away');
    user.destroy();
    await closed(user);
    machine.stop();
    return `${(attempts.count / guessSeconds).toFixed(0)} a second; answers p50 ${medianOf(answers).toFixed(1)} ms, p99 ${slow.toFixed(0)} ms; a login took ${logged}; ${await world.metric('refusals_total{reason="wrong-secret"}')} wrong secrets heard, ${await world.metric('refusals_total{reason="penalty"}')} turned away`;
  }]] };
}

/** Resolves when it was refused, by word or by a closed door. */
function guessOnce(world: TunnelWorld, username: string, from: string): Promise<void> {
  const client = new Client();
  return new Promise((resolve) => {
    client.on('error', () => undefined).on('close', () => resolve());
    client.connect({ host: '127.0.0.1', port: world.sshPort, username, password: 'wrong', localAddress: from, readyTimeout: 10_000 });
  });
}

