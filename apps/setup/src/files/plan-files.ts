import { createHash } from 'node:crypto';
import { parse, stringify } from 'yaml';
import type { Answers, Site } from '../answers/answers.js';
import { namesOf, PORTS } from '../answers/answers.js';
import { managerRedisConfig, prosodyConfig, tunnelConfig, tunnelRedisConfig, tunnelRedisUsers } from '../render/external-config.js';
import { frontConfig } from '../render/front-config.js';
import { dnsRecords, externalRules, internalRules } from '../render/host-rules.js';
import { keptByHosts } from '../render/kept-by-hosts.js';
import { MANAGER_ROLES, managerConfig, rendezvousConfig } from '../render/manager-config.js';
import { SetupFault } from '../setup-fault.js';
import type { SecretStore } from './secret-store.js';

export interface PlannedFile {
  readonly path: string;
  readonly content: string;
  /** Default 0600. */
  readonly mode?: number;
  /** The operator writes it on: given what is there, what should be. */
  readonly merge?: (there: string) => string;
}

export interface Surroundings {
  readonly secrets: SecretStore;
  /** Certificates of the authorities that vouch for our own hosts; undefined: the world knows them. */
  readonly authority: string | undefined;
  /** Those that vouch for other members' servers. */
  readonly members: string;
}

/** Folders that containers write into. */
export const DATA_FOLDERS = ['internal/data/postgres', 'internal/data/redis', 'internal/cloud', 'external/data/prosody', 'external/data/redis', 'external/data/tunnel', 'trusted'] as const;

/** Everything that follows from the answers and the secrets; compose files and certificates are not among them. */
export function planFiles(answers: Answers, { secrets, authority, members }: Surroundings): PlannedFile[] {
  const word = (name: string): string => secrets.word(`secrets/${name}`);
  const yaml = (path: string, content: object): PlannedFile => ({ path, content: `# Written by fogbow-setup; another run writes it again.\n${stringify(content)}` });
  const { uid, gid } = answers.owner;
  const [redis, tunnelOfManager, tunnel, keeper] = [word('redis'), word('redis-of-tunnel-manager'), word('redis-of-tunnel-tunnel'), word('redis-of-tunnel-keeper')];
  const components = { manager: word('xmpp-manager'), rendezvous: word('xmpp-rendezvous'), doctor: word('xmpp-doctor') };
  const secret = (host: 'internal' | 'external', name: string, content: string): PlannedFile => ({ path: `${host}/secrets/${name}`, content: `${content}\n` });
  return [
    yaml('answers.yaml', answers),
    secret('internal', 'manager-key', secrets.key('secrets/manager-key')),
    secret('internal', 'postgres-password', word('postgres')),
    secret('internal', 'database-url', `postgres://fogbow:${word('postgres')}@postgres:5432/fogbow`),
    secret('internal', 'redis-password', redis),
    secret('internal', 'redis-url', `redis://:${redis}@redis:${PORTS.redis}`),
    secret('internal', 'xmpp-manager', components.manager),
    secret('internal', 'xmpp-rendezvous', components.rendezvous),
    secret('internal', 'xmpp-doctor', components.doctor),
    secret('internal', 'tunnel-redis-url', `rediss://manager:${tunnelOfManager}@${namesOf(answers).external}:${PORTS.redis}`),
    secret('external', 'tunnel-redis-url', `redis://tunnel:${tunnel}@127.0.0.1:${PORTS.redisOfTunnel}`),
    secret('external', 'redis-keeper', keeper),
    ...MANAGER_ROLES.map((role) => yaml(`internal/config/manager/manager-${role}.yaml`, managerConfig(answers, role))),
    usersFile('internal/config/manager/users.yaml', answers.user, word(`token-${answers.user}`)),
    yaml('internal/config/rendezvous/rendezvous.yaml', rendezvousConfig(answers)),
    { path: 'internal/config/front/haproxy.cfg', content: frontConfig() },
    { path: 'internal/config/redis/redis.conf', content: managerRedisConfig(redis) },
    { path: 'internal/config/postgres/passwd', content: `root:x:0:0::/root:/bin/sh\nfogbow:x:${uid}:${gid}::/tmp:/bin/sh\n`, mode: 0o644 },
    yaml('external/config/reverse-tunnel/reverse-tunnel.yaml', tunnelConfig(answers)),
    { path: 'external/config/redis/redis.conf', content: tunnelRedisConfig() },
    { path: 'external/config/redis/users.acl', content: tunnelRedisUsers({ tunnel, manager: tunnelOfManager, keeper }) },
    { path: 'external/config/prosody/prosody.cfg.lua', content: prosodyConfig(answers, components) },
    { path: 'internal/trust/ca.pem', content: authority ?? '', mode: 0o644 },
    { path: 'external/trust/members.pem', content: members, mode: 0o644 },
    { path: 'dns-records.zone', content: dnsRecords(answers), mode: 0o644 },
    ...(answers.layout === 'all-in-one' ? [] : [{ path: 'kept-by-hosts', content: keptByHosts(answers), mode: 0o644 }]),
    { path: 'internal/nftables.conf', content: internalRules(answers), mode: 0o644 },
    { path: 'external/nftables.conf', content: externalRules(answers), mode: 0o644 },
    ...(['internal', 'external'] as const).map((host) => yaml(`${host}/site.yaml`, siteOf(answers, host))),
    ...environmentFiles(answers),
  ];
}

/** What `fogbow doctor` has to know on that host. */
function siteOf({ domain, layout, internalAddress, publicAddress, insideAddress, rendezvous, certificates, publicPorts }: Answers, host: Site['host']): Site {
  return { host, domain, layout, internalAddress, publicAddress, insideAddress, rendezvous, certificates, publicPorts };
}

/** Users are the operator's: those that are there stay, and ours is added where it is missing. */
function usersFile(path: string, user: string, token: string): PlannedFile {
  const own = { id: user, name: user, tokenSha256: createHash('sha256').update(token).digest('hex') };
  const text = (users: readonly unknown[]): string => `# Users of this member; fogbow-setup adds to them and takes none away. A token's hash: printf %s TOKEN | sha256sum\n${stringify({ users })}`;
  return {
    path, content: text([own]),
    merge(there) {
      const { users } = (parse(there) ?? {}) as { readonly users?: readonly { readonly id?: unknown }[] };
      if (!Array.isArray(users)) throw new SetupFault(`${path} has no list of users: put it right, or remove it.`);
      return users.some(({ id }) => id === user) ? there : text([...users, own]);
    },
  };
}

/** `.env`, which both versions of Compose read beside their file: one for each compose file that there is. No secrets. */
function environmentFiles(answers: Answers): PlannedFile[] {
  const built = { HAPROXY_IMAGE: 'fogbow-haproxy:2.6', POSTGRES_IMAGE: 'fogbow-postgres:15', REDIS_IMAGE: 'fogbow-redis:7', PROSODY_IMAGE: 'fogbow-prosody:0.12' };
  const shared = {
    COMPOSE_PROJECT_NAME: 'fogbow', FOGBOW_UID: answers.owner.uid, FOGBOW_GID: answers.owner.gid, FOGBOW_EXTERNAL_NAME: namesOf(answers).external,
    FOGBOW_EXTERNAL_INSIDE_ADDRESS: answers.insideAddress, FOGBOW_PUBLIC_ADDRESS: answers.publicBind, FOGBOW_API_ADDRESS: answers.internalAddress, ...(answers.images === 'debian' ? built : {}),
  };
  const text = Object.entries(shared).map(([name, value]) => `${name}=${value}\n`).join('');
  return (answers.layout === 'all-in-one' ? ['.env'] : ['internal/.env', 'external/.env']).map((path) => ({ path, content: `# Written by fogbow-setup; another run writes it again, but for FOGBOW_IMAGE.\n${text}`, mode: 0o644, merge: keepImage(text) }));
}

/** Which version runs is settled by upgrade.sh, or by the operator. */
const keepImage = (text: string) => (there: string): string => {
  const chosen = there.split('\n').filter((line) => line.startsWith('FOGBOW_IMAGE=')).map((line) => `${line}\n`).join('');
  return `# Written by fogbow-setup; another run writes it again, but for FOGBOW_IMAGE.\n${text}${chosen}`;
};
