import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProsodySite } from '@fogbow/embedded-servers';
import { stringify } from 'yaml';
import { addressOf, PORTS } from './layout.js';
import type { Letter } from './layout.js';

/** What the processes of a member must agree on. */
export interface MemberSecrets {
  readonly letter: Letter;
  /** Its id and XMPP address. */
  readonly id: string;
  readonly token: string;
  readonly xmpp: string;
  /** Password of the Redis beside the tunnel. */
  readonly tunnelRedis: string;
}

/** Where the servers inside of the member are, which have ports of their own. */
export interface InsideServers {
  readonly databaseUrl: string;
  readonly machineProgram: string;
}

export const RENDEZVOUS = { jid: 'rendezvous.a.partitions.test', secret: randomText() };
/** Of the connections to the XMPP servers: what takes half a minute in production takes seconds here. */
export const KEEP_ALIVE = '1s';
const FLAVORS = { fogbow_small: { vcpu: 1, ramMb: 512, diskGb: 5 } };
/** A has no room at home: whatever is ordered there goes abroad. */
const ROOM: Readonly<Record<Letter, number>> = { a: 0, b: 10 };

export function createMember(letter: Letter): MemberSecrets {
  return { letter, id: `manager.${letter}.partitions.test`, token: randomText(), xmpp: randomText(), tunnelRedis: randomText() };
}

function randomText(): string {
  return randomBytes(18).toString('base64url');
}

/** Components come from inside, other servers from their own side. */
export function prosodySite({ letter, id, xmpp }: MemberSecrets): ProsodySite {
  const host = `ext-${letter}` as const;
  return {
    domain: `${letter}.partitions.test`, components: { [id]: xmpp, ...(letter === 'a' ? { [RENDEZVOUS.jid]: RENDEZVOUS.secret } : {}) },
    ports: { component: PORTS.component, s2s: PORTS.s2s, http: 5280, https: 5281 },
    hosts: { component: addressOf(host, 'inside'), s2s: addressOf(host, 'peer') },
  };
}

/** Redis with the password in a file: a command line can be read by everybody. Nothing is kept. */
export function redisConfig(bind: string, folder: string, password?: string): string {
  const lines = ['daemonize no', 'save ""', 'appendonly no', 'maxmemory-policy noeviction', `bind ${bind}`, `port ${PORTS.redis}`, `dir "${folder}"`];
  return [...lines, ...(password === undefined ? [] : [`requirepass ${password}`])].join('\n');
}

const insideRedis = `redis://127.0.0.1:${PORTS.redis}`;
const health = (port: number): { host: string; port: number } => ({ host: '127.0.0.1', port });

export function rendezvousConfig(): object {
  return {
    xmpp: { ...RENDEZVOUS, host: addressOf('ext-a', 'inside'), port: PORTS.component, keepAlive: KEEP_ALIVE }, http: health(PORTS.rendezvous),
    redis: { url: insideRedis, prefix: 'rendezvous' }, announcePeriod: '1s',
  };
}

export function tunnelConfig({ letter, tunnelRedis }: MemberSecrets, folder: string): object {
  const [inside, users] = [addressOf(`ext-${letter}`, 'inside'), addressOf(`ext-${letter}`, 'users')];
  return {
    ssh: { host: inside, port: PORTS.tunnelSsh, hostKeyFile: join(folder, `tunnel-${letter}-host-key`) },
    ports: { host: users, from: PORTS.publicFrom, to: PORTS.publicTo }, publicHost: users, dialHost: inside,
    redis: { url: `redis://:${tunnelRedis}@${inside}:${PORTS.redis}` }, http: health(PORTS.tunnelHttp),
  };
}

export function managerConfig(member: MemberSecrets, folder: string, { databaseUrl, machineProgram }: InsideServers): object {
  const { letter, id } = member;
  const outside = addressOf(`ext-${letter}`, 'inside');
  const [usersFile, keyFile] = [join(folder, `users-${letter}.yaml`), join(folder, `key-${letter}`)];
  writeFileSync(usersFile, stringify({ users: [{ id: `user-${letter}`, name: `user-${letter}`, tokenSha256: createHash('sha256').update(member.token).digest('hex') }] }), { mode: 0o600 });
  writeFileSync(keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
  return {
    member: { id }, http: health(PORTS.manager), database: { url: databaseUrl }, redis: { url: insideRedis, prefix: 'manager' },
    xmpp: { host: outside, port: PORTS.component, secret: member.xmpp }, rendezvous: { jid: RENDEZVOUS.jid },
    tunnel: { redisUrl: `redis://:${member.tunnelRedis}@${outside}:${PORTS.redis}` },
    cloud: { plugin: 'cloud-local', settings: { directory: cloudDirectory(folder, letter), machineProgram, maxInstances: ROOM[letter] }, credentials: { username: 'fogbow', password: 'fogbow' } },
    identity: { plugin: 'identity-static', settings: { usersFile } }, picker: { plugin: 'picker-round-robin' }, keyFile, flavors: FLAVORS,
  };
}

export const cloudDirectory = (folder: string, letter: Letter): string => join(folder, 'clouds', letter);
