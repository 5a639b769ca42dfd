import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import type { OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { Chapter } from '../story.js';
import { awaitFulfilled, awaitHealthy, logIn, MEMBER_HOSTS, servicesOf } from './lab.js';
import type { Lab } from './lab.js';
import { addressOf, domainOf, PORTS } from './layout.js';
import { OWNER } from './members.js';
import type { Member } from './members.js';

const members = ({ a, b }: Lab): readonly Member[] => [a, b];

export function bringUp(lab: Lab): Chapter {
  return {
    name: 'Both compose files of both members, as the docs give them', isEssential: true,
    steps: [
      ['the external hosts come up and are healthy', async () => {
        await Promise.all(members(lab).map(async (member) => { await member.compose('external', 'up', '-d'); await awaitHealthy(member, 'external'); }));
      }],
      ['the internal hosts come up and are healthy', async () => {
        await lab.a.compose('internal', 'up', '-d');
        // B announces itself at the Rendezvous of A and has none of its own.
        await lab.b.compose('internal', 'up', '-d', '--scale', 'rendezvous=0');
        await Promise.all(members(lab).map((member) => awaitHealthy(member, 'internal')));
      }],
      ['the members know each other', async () => {
        await awaitEvent('both are alive', async () => (await lab.home().members() as { alive?: boolean }[]).filter(({ alive }) => alive).length === 2, { timeoutMs: 60_000 });
      }],
    ],
  };
}

/** Whoever tries, and what they must meet. */
const OPEN = [['int-a', 'ext-a', 'lan', PORTS.component], ['int-a', 'ext-a', 'lan', PORTS.redis], ['cloud-b', 'ext-b', 'lan', PORTS.tunnelSsh], ['ext-a', 'ext-b', 'world', PORTS.s2s]] as const;
const CLOSED = [
  ['user', 'ext-b', 'world', PORTS.redis], ['user', 'ext-b', 'world', PORTS.component], ['user', 'ext-b', 'world', PORTS.tunnelSsh], ['ext-a', 'ext-b', 'world', PORTS.redis],
  ['cloud-b', 'ext-b', 'lan', PORTS.redis], ['cloud-b', 'ext-b', 'lan', PORTS.component], ['ext-a', 'int-a', 'lan', PORTS.api], ['int-a', 'ext-b', 'world', PORTS.s2s],
] as const;

export function walls(lab: Lab): Chapter {
  const { doors, network } = lab;
  const tryOut = async ([from, to, device, port]: (typeof OPEN | typeof CLOSED)[number]): Promise<string> => `${from} → ${to}:${port} ${await doors[from].probe(addressOf(to, device), port)}`;
  return {
    name: 'The rules that fogbow-setup wrote',
    steps: [
      ['what must be open is', async () => assert.deepEqual((await Promise.all(OPEN.map(tryOut))).filter((met) => !met.endsWith('open')), [])],
      ['nothing else is, though engines publish ports past the usual rules', async () => {
        assert.deepEqual((await Promise.all(CLOSED.map(tryOut))).filter((met) => met.endsWith('open')), []);
        return `${CLOSED.length} tries`;
      }],
      ['a try from the DMZ to the inside is counted; nothing else was', async () => {
        const before = await network.counted('ext-b', 'inward');
        assert.equal(before, 0);
        await doors['ext-b'].probe(addressOf('int-b'), PORTS.api);
        assert((await network.counted('ext-b', 'inward')) > 0);
        for (const host of ['ext-a', 'ext-b'] as const) lab.tries.set(host, await network.counted(host, 'inward'));
      }],
    ],
  };
}

export function mainJob(lab: Lab): Chapter {
  const state: { order?: OrderView } = {};
  const order = (): OrderView => state.order as OrderView;
  return {
    name: 'Order at A, machine at B, a user on the Internet',
    steps: [
      ['the order is served by B', async () => {
        const [id = ''] = await lab.home().submit({ flavor: 'small', publicKey: lab.user.publicKey });
        state.order = await awaitFulfilled(lab, id);
        assert.equal(order().providingMember, lab.b.id);
        assert.equal(order().ssh?.host, `external.${domainOf('b')}`);
      }],
      ['the engine of B has its machine', async () => assert.equal((await machinesOf(lab, order())).length, 1)],
      ['ssh through the tunnel of B, by its name', () => logIn(lab, order())],
      ['both hosts of B lose their power; all comes back, and the machine dials in again', async () => {
        await Promise.all(MEMBER_HOSTS.map((host) => lab.b.engines[host].halt('SIGKILL')));
        await Promise.all(MEMBER_HOSTS.map((host) => lab.b.engines[host].resume()));
        await Promise.all(MEMBER_HOSTS.map((host) => awaitHealthy(lab.b, host)));
        return await logIn(lab, order(), 90_000);
      }],
      ['delete, and nothing is left', async () => {
        await lab.home().remove(order().id);
        await awaitEvent('no container at B', async () => (await machinesOf(lab, order())).length === 0, { timeoutMs: 60_000 });
        await awaitEvent('no order at A', async () => (await lab.home().list()).length === 0, { timeoutMs: 60_000 });
      }],
    ],
  };
}

async function machinesOf({ cloud }: Lab, { id }: OrderView): Promise<string[]> {
  const { stdout } = await promisify(execFile)('docker', ['-H', `unix://${cloud.socket}`, 'ps', '-aq', '--filter', `label=org.fogbow.order=${id}`], { timeout: 20_000 });
  return stdout.split('\n').filter(Boolean);
}

interface Inspected {
  readonly Name: string;
  readonly Config: { readonly User: string; readonly Env: readonly string[] };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: readonly string[] | null; readonly CapAdd: readonly string[] | null; readonly SecurityOpt: readonly string[] | null; readonly Memory: number; readonly PidsLimit: number; readonly Privileged: boolean };
}

export function rights(lab: Lab): Chapter {
  const inspect = async (member: Member, host: 'internal' | 'external'): Promise<Inspected[]> => {
    const ids = (await member.docker(host, 'ps', '-q')).split('\n').filter(Boolean);
    assert.equal(ids.length, servicesOf(member, host).length);
    return JSON.parse(await member.docker(host, 'inspect', ...ids)) as Inspected[];
  };
  const all = async (): Promise<Inspected[]> => (await Promise.all(members(lab).flatMap((member) => MEMBER_HOSTS.map((host) => inspect(member, host))))).flat();
  return {
    name: 'What the containers may',
    steps: [
      ['none is root, none may write its root, none has a capability, each has limits', async () => {
        const found = await all();
        const faults = found.filter(({ Config, HostConfig: { ReadonlyRootfs, CapDrop, CapAdd, SecurityOpt, Memory, PidsLimit, Privileged } }) =>
          Config.User !== `${OWNER}:${OWNER}` || !ReadonlyRootfs || Privileged || !CapDrop?.includes('ALL') || CapAdd !== null || !SecurityOpt?.some((one) => one.startsWith('no-new-privileges')) || Memory === 0 || !PidsLimit);
        assert.deepEqual(faults.map(({ Name }) => Name), []);
        return `${found.length} containers`;
      }],
      ['no secret stands in a variable or a log', async () => {
        const secrets = members(lab).flatMap(({ folder }) => ['redis', 'postgres', 'manager-key', 'xmpp-doctor', 'xmpp-manager', 'redis-of-tunnel-manager', 'redis-of-tunnel-tunnel'].map((name) => readFileSync(join(folder, 'secrets', name), 'utf8').trim()));
        const logs = await Promise.all(members(lab).flatMap((member) => MEMBER_HOSTS.map((host) => member.compose(host, 'logs', '--no-color'))));
        const words = [...(await all()).flatMap(({ Config }) => Config.Env), ...logs].join('\n');
        assert.deepEqual(secrets.filter((secret) => words.includes(secret)), []);
        assert(words.length > 10_000);
      }],
    ],
  };
}

export function renewal(lab: Lab): Chapter {
  const met = async (door: 'int-a' | 'ext-a', port: number, servername: string): Promise<string> => {
    const local = await lab.doors[door].open(port, addressOf(door));
    return await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: local, servername, rejectUnauthorized: false, timeout: 5000 }, () => { resolve(socket.getPeerCertificate().fingerprint256); socket.destroy(); });
      socket.once('error', reject).once('timeout', () => socket.destroy(new Error('no answer')));
    });
  };
  const renew = async (host: 'internal' | 'external'): Promise<void> => {
    rmSync(join(lab.a.folder, host, 'certificates', 'tls.crt'));
    await lab.a.setUp();
  };
  return {
    name: 'Certificates are renewed without a restart',
    steps: [
      ['the API takes its own up by itself', async () => {
        const before = await met('int-a', PORTS.api, `internal.${domainOf('a')}`);
        await renew('internal');
        await awaitEvent('another certificate', async () => await met('int-a', PORTS.api, `internal.${domainOf('a')}`) !== before, { timeoutMs: 30_000, everyMs: 500 });
      }],
      ['XMPP server and Redis do when they are told', async () => {
        const name = `external.${domainOf('a')}`;
        const both = (): Promise<string[]> => Promise.all([met('ext-a', PORTS.component, name), met('ext-a', PORTS.redis, name)]);
        const before = await both();
        await renew('external');
        await promisify(execFile)('sh', ['reload-certificates.sh'], { cwd: join(lab.a.folder, 'external'), env: { ...process.env, DOCKER_HOST: `unix://${lab.a.engines.external.socket}` }, timeout: 30_000 });
        await awaitEvent('other certificates', async () => (await both()).every((one, index) => one !== before[index]), { timeoutMs: 30_000, everyMs: 500 });
      }],
    ],
  };
}

export function noWayIn({ network, tries }: Lab): Chapter {
  return {
    name: 'All the while',
    steps: [['no connection was begun from a DMZ towards its inside', async () => {
      for (const host of ['ext-a', 'ext-b'] as const) assert.equal(await network.counted(host, 'inward') - (tries.get(host) ?? 0), 0, host);
    }]],
  };
}
