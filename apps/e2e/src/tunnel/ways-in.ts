import net from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaitEvent } from '../await-event.js';
import { NotTried } from '../story.js';
import type { Chapter, Step } from '../story.js';
import { closed, connect, echoes, must, say, startMachine } from './machine.js';
import { dropbear, makeKey, openSsh } from './ssh-clients.js';
import type { ClientRun } from './ssh-clients.js';
import type { Granted, TunnelWorld } from './tunnel-world.js';

const open = (port: number): Promise<unknown> => awaitEvent(`port ${port} is open`, async () => { (await connect(port)).destroy(); return true; }, { everyMs: 20, timeoutMs: 15_000 });

/** The machine's own service: sends back what comes. */
async function withEcho(action: (port: number) => Promise<string | void>): Promise<string | void> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => undefined).pipe(socket));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    return await action((server.address() as net.AddressInfo).port);
  } finally {
    server.close();
  }
}

const client = (name: string, world: TunnelWorld, dial: (grant: Granted, port: number) => ClientRun | undefined, what: () => Parameters<TunnelWorld['grant']>[0] = () => ({})): Step =>
  [name, () => withEcho(async (port) => {
    const grant = await world.grant(what());
    const run = dial(grant, port);
    if (!run) throw new NotTried('the client is not installed here');
    const early = run.exit.then(({ said }) => { throw new Error(`it ended: ${said}`); });
    await Promise.race([open(grant.port), early]);
    await echoes(grant.port);
    const big = Buffer.alloc(3_000_000, 'fogbow ');
    must(await say(grant.port, big, 20_000) === big.toString(), 'three megabytes did not come back whole');
    early.catch(() => undefined);
    run.stop();
    await run.exit;
  })];

const forward = (grant: Granted, port: number): string[] => ['-N', '-T', '-R', `0.0.0.0:${grant.port}:127.0.0.1:${port}`];

export function waysIn(world: TunnelWorld): Chapter {
  const key = makeKey(world.folder);
  return { name: 'Ways in', steps: [
    client('OpenSSH with the secret', world, (grant, port) => openSsh(world, grant, forward(grant, port))),
    client('OpenSSH with the key of the grant', world, (grant, port) => openSsh(world, grant, forward(grant, port), { keyFile: key.file }), () => ({ publicKey: key.publicKey })),
    client('OpenSSH that knows RSA host keys only', world, (grant, port) => openSsh(world, grant, ['-o', 'HostKeyAlgorithms=rsa-sha2-512', ...forward(grant, port)])),
    client('Dropbear', world, (grant, port) => dropbear(world, grant, port)),
    ...['aes256-gcm@openssh.com', 'aes128-gcm@openssh.com', 'chacha20-poly1305@openssh.com', 'aes128-ctr'].map((cipher) =>
      client(`OpenSSH with ${cipher}, keys exchanged anew on the way`, world, (grant, port) => openSsh(world, grant, ['-c', cipher, '-o', 'RekeyLimit=1M', ...forward(grant, port)]))),
    ['ssh2', async () => { const grant = await world.grant(); const machine = startMachine(world, grant); await machine.ready(); await echoes(grant.port); machine.stop(); }],
    ['not with another key', async () => {
      const grant = await world.grant({ publicKey: key.publicKey });
      const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' });
      const machine = startMachine(world, { ...grant, secret: 'wrong' }, { redials: false, config: { privateKey: other } });
      const fault = await machine.ready().then(() => 'it is in', () => undefined);
      must(fault === undefined, String(fault));
    }],
    ['not with old ciphers, hashes and key exchanges', async () => {
      const grant = await world.grant();
      for (const option of ['Ciphers=aes128-cbc', 'MACs=hmac-sha1', 'KexAlgorithms=diffie-hellman-group14-sha1']) {
        const { code, said } = await openSsh(world, grant, ['-o', option, ...(option.startsWith('MACs') ? ['-o', 'Ciphers=aes128-ctr'] : []), '-N']).exit;
        must(code === 255 && /no matching/.test(said), `${option}: ${code} ${said}`);
      }
    }],
  ] };
}

export function manyProcesses(world: TunnelWorld): Chapter {
  return { name: 'Several processes, one tunnel', steps: [
    ['each worker gets its share, and the newest session of a grant wins wherever it is', async () => {
      const grants = await Promise.all(Array.from({ length: 8 }, () => world.grant()));
      const machines = grants.map((grant) => startMachine(world, grant, { redials: false }));
      await Promise.all(machines.map((machine) => machine.ready()));
      const loads = (await world.status()).workers.map(({ connections }) => connections);
      must(loads.every((load) => load === 4), `they have ${loads.join(' and ')}`);
      const newer = grants.slice(0, 3).map((grant) => startMachine(world, grant, { redials: false }));
      await Promise.all(newer.map((machine) => machine.ready()));
      for (const { port } of grants) await echoes(port);
      must((await world.status()).sessionCount === 8, 'there are not eight sessions');
      for (const machine of [...machines, ...newer]) machine.stop();
    }],
    ['a revoked grant is cut within a second, with its users, whichever worker has it', async () => {
      const grants = await Promise.all(Array.from({ length: 4 }, () => world.grant()));
      const machines = grants.map((grant) => startMachine(world, grant, { redials: false }));
      await Promise.all(machines.map((machine) => machine.ready()));
      const users = await Promise.all(grants.map(({ port }) => connect(port)));
      const begun = performance.now();
      const gone = Promise.all([...users.map(closed), ...machines.map((machine) => new Promise((resolve) => { machine.client.once('close', () => resolve(undefined)); }))]);
      await Promise.all(grants.map((grant) => world.revoke(grant)));
      await gone;
      const ms = performance.now() - begun;
      must(ms < 1000, `it took ${ms.toFixed(0)} ms`);
      return `${ms.toFixed(0)} ms`;
    }],
    ['two machines with one grant do not keep others from their tunnels', async () => {
      const [shared, other] = [await world.grant(), await world.grant()];
      const before = await world.metric('refusals_total{reason="flapping"}');
      const fighters: ReturnType<typeof startMachine>[] = [];
      const end = performance.now() + 3000;
      const fight = async (): Promise<void> => { while (performance.now() < end) { const machine = startMachine(world, shared, { redials: false }); fighters.push(machine); await machine.ready().catch(() => undefined); } };
      const fights = [fight(), fight()];
      const begun = performance.now();
      const good = startMachine(world, other);
      await good.ready();
      await echoes(other.port);
      const ms = performance.now() - begun;
      await Promise.all(fights);
      must(await world.metric('refusals_total{reason="flapping"}') > before, 'nobody was turned away');
      must(ms < 3000, `the other waited ${ms.toFixed(0)} ms`);
      await echoes(shared.port);
      for (const machine of [...fighters, good]) machine.stop();
      return `${fighters.length} logins of the two; the other waited ${ms.toFixed(0)} ms`;
    }],
  ] };
}

export function limitsOfGrants(world: TunnelWorld): Chapter {
  return { name: 'Limits of a grant', steps: [
    ['users at a time', async () => {
      const grant = await world.grant({ limits: { connections: 2 } });
      const machine = startMachine(world, grant);
      await machine.ready();
      const users = await Promise.all([connect(grant.port), connect(grant.port)]);
      await closed(await connect(grant.port));
      for (const user of users) user.destroy();
      await awaitEvent('there is room again', async () => { await echoes(grant.port); return true; }, { timeoutMs: 5000 });
      machine.stop();
    }],
    ['bytes a second, both ways', async () => {
      const grant = await world.grant({ limits: { bytesPerSecond: 1_000_000 } });
      const machine = startMachine(world, grant);
      await machine.ready();
      const begun = performance.now();
      await say(grant.port, Buffer.alloc(3_000_000), 30_000);
      const took = (performance.now() - begun) / 1000;
      must(took > 2 && took < 10, `3 MB took ${took.toFixed(1)} s`);
      machine.stop();
      return `3 MB there and back at 1 MB/s in ${took.toFixed(1)} s`;
    }],
    ['silence', async () => {
      const grant = await world.grant({ limits: { idleSeconds: 1 } });
      const machine = startMachine(world, grant);
      await machine.ready();
      const begun = performance.now();
      await closed(await connect(grant.port));
      const took = performance.now() - begun;
      must(took > 800 && took < 5000, `it took ${took.toFixed(0)} ms`);
      machine.stop();
    }],
    ['services', async () => {
      const [answer] = (await world.ask([{ id: crypto.randomUUID(), secretHash: '0'.repeat(64), owner: 'o', services: [{ name: 'a' }, { name: 'b' }], limits: { services: 1 } }])).grants;
      must(answer !== undefined && 'refused' in answer, 'two services were granted');
    }],
  ] };
}

export function operation(world: TunnelWorld): Chapter {
  return { name: 'Operation', steps: [
    ['who was connected when', async () => {
      const grant = await world.grant();
      const machine = startMachine(world, grant, { redials: false });
      await machine.ready();
      await echoes(grant.port);
      machine.stop();
      const records = await awaitEvent('both records', () => {
        const found = readFileSync(join(world.folder, 'audit.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>).filter((record) => record['grant'] === grant.id);
        return found.length >= 2 && found;
      }, { timeoutMs: 5000 });
      const [user, session] = [records.find(({ kind }) => kind === 'connection'), records.find(({ kind }) => kind === 'session')];
      must(user?.['service'] === 'web' && user['up'] === 5 && user['down'] === 5 && session?.['remote'] === '127.0.0.1', JSON.stringify(records));
      must(await world.metric('bytes_total{direction="up"}') > 0, 'no bytes were counted');
    }],
    ['an upgrade: sessions that are open live on, machines that dial come to the new process', async () => {
      const [stays, moves] = [await world.grant(), await world.grant()];
      const machines = [startMachine(world, stays, { redials: false }), startMachine(world, moves)] as const;
      await Promise.all(machines.map((machine) => machine.ready()));
      const user = await connect(stays.port);
      const old = world.control();
      const ended = new Promise((resolve) => { old.once('exit', resolve); });
      old.kill('SIGUSR2');
      await awaitEvent('the old one has let go of its ports', async () => { const is = await Promise.all([world.sshPort, world.sshPort + 1].map((port) => connect(port).then((socket) => { socket.destroy(); return true; }, () => false))); return !is.includes(true); }, { everyMs: 20, timeoutMs: 10_000 });
      const begun = performance.now();
      await world.start();
      const gap = performance.now() - begun;
      await echoes(stays.port);
      user.write('still here');
      await new Promise((resolve) => { user.once('data', resolve); });
      const newer = startMachine(world, moves);
      await newer.ready();
      await echoes(moves.port);
      must((await world.status()).sessionCount === 1, 'the machine that dialled is not at the new process');
      const revoked = closed(user);
      await world.revoke(stays);
      await revoked;
      await ended;
      for (const machine of [...machines, newer]) machine.stop();
      return `no SSH port for ${gap.toFixed(0)} ms; a grant revoked at the new process was cut at the old, which then ended`;
    }],
  ] };
}
