import { createHash } from 'node:crypto';
import type { Answers } from '../answers/answers.js';
import { namesOf, PORTS } from '../answers/answers.js';
import { INSIDE, secretFile } from './paths.js';

/** Prefix of all keys in the Redis beside the tunnel; both sides have it by default. */
const TUNNEL_KEYS = 'fogbow-tunnel';

export function tunnelConfig({ insideAddress, publicBind, publicPorts, ...answers }: Answers): object {
  return {
    ssh: { host: insideAddress, port: PORTS.tunnelSsh, hostKeyFile: '/var/lib/fogbow/host-key' },
    ports: { host: publicBind, ...publicPorts },
    publicHost: namesOf(answers).external,
    // An address and not a name: what a machine knows of DNS is not in our hands.
    dialHost: insideAddress,
    redis: { urlFile: secretFile('tunnel-redis-url') },
    http: { host: '127.0.0.1', port: PORTS.tunnelHttp },
  };
}

/** Redis beside the tunnel: for the tunnel in the clear on loopback, for the Manager by TLS. A lost Redis is no loss, so half a second of it is none. */
export function tunnelRedisConfig(): string {
  return lines([
    'bind * -::*', 'protected-mode no', `port ${PORTS.redisOfTunnel}`, `tls-port ${PORTS.redis}`, 'tls-auth-clients no', 'tls-protocols "TLSv1.2 TLSv1.3"',
    `tls-cert-file ${INSIDE.certificates}/tls.crt`, `tls-key-file ${INSIDE.certificates}/tls.key`,
    `aclfile ${INSIDE.config}/users.acl`, 'dir /data', 'appendonly yes', 'maxmemory 384mb', 'maxmemory-policy noeviction',
  ]);
}

/** Tunnel and Manager see their own keys and nothing that is dangerous but INFO, which the queues ask for the version; the keeper may name renewed certificates. */
export function tunnelRedisUsers(words: { readonly tunnel: string; readonly manager: string; readonly keeper: string }): string {
  const hash = (word: string): string => `#${createHash('sha256').update(word).digest('hex')}`;
  const own = `resetkeys ~${TUNNEL_KEYS}:* resetchannels &${TUNNEL_KEYS}:* +@all -@admin -@dangerous +info`;
  return lines([
    'user default off', `user tunnel on ${hash(words.tunnel)} ${own}`, `user manager on ${hash(words.manager)} ${own}`,
    `user keeper on ${hash(words.keeper)} resetkeys resetchannels -@all +ping +info +config|set`,
  ]);
}

/** Redis of the Manager's queues, which only containers of its network reach. */
export function managerRedisConfig(word: string): string {
  return lines([
    'bind * -::*', 'protected-mode no', `port ${PORTS.redis}`, `requirepass ${word}`, 'dir /data', 'appendonly yes', 'maxmemory 768mb', 'maxmemory-policy noeviction',
  ]);
}

/**
 * Prosody for components by TLS and other members' servers, which prove themselves by certificate. Nobody has an account here. A component
 * that connects again takes the place of its old connection, as it must after a crash that the server has not noticed yet.
 */
export function prosodyConfig(answers: Answers, words: { readonly manager: string; readonly rendezvous: string; readonly doctor: string }): string {
  const names = namesOf(answers);
  const component = (name: string, word: string): string => `Component ${luaText(name)}\n  component_secret = ${luaText(word)}`;
  return lines([
    '-- Written by fogbow-setup; another run writes it again.',
    'daemonize = false',
    'data_path = "/var/lib/prosody"',
    `plugin_paths = { ${luaText(INSIDE.prosodyModules)} }`,
    'modules_enabled = { "saslauth", "tls", "disco", "ping", "fogbow_component_tls" }',
    'modules_disabled = { "c2s", "dialback" }',
    'c2s_ports = {}; c2s_direct_tls_ports = {}; s2s_direct_tls_ports = {}; http_ports = {}; https_ports = {}',
    `s2s_ports = { ${PORTS.s2s} }`,
    'component_ports = { 5347 }; component_interfaces = { "127.0.0.1" }',
    `component_tls_ports = { ${PORTS.component} }; component_tls_interfaces = { "*", "::" }`,
    'authentication = "internal_hashed"; storage = "internal"',
    `ssl = { certificate = "${INSIDE.certificates}/tls.crt"; key = "${INSIDE.certificates}/tls.key"; cafile = "${INSIDE.trust}/members.pem"; protocol = "tlsv1_2+" }`,
    's2s_require_encryption = true; s2s_secure_auth = true',
    'component_conflict_resolve = "kick_old"',
    'limits = { s2sin = { rate = "5mb/s" } }',
    's2s_stanza_size_limit = 524288',
    'log = { { levels = { min = "info" }, to = "console" } }',
    // By its own name nobody calls a domain's server: who dials knows that of the host.
    `VirtualHost ${luaText(answers.domain)}\n  component_tls_host = ${luaText(names.external)}`,
    component(names.manager, words.manager),
    ...(answers.rendezvous === 'own' ? [component(names.rendezvous, words.rendezvous)] : []),
    component(names.doctor, words.doctor),
  ]);
}

/** A text as Lua reads it, whatever it holds. */
export function luaText(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => (byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`)).join('')}"`;
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
