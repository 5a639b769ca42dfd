import { join } from 'node:path';

/** One Prosody and what it serves. */
export interface ProsodySite {
  /** Of the server itself; its accounts are NAME@domain. */
  readonly domain: string;
  /** Address of each component and its secret. */
  readonly components: Readonly<Record<string, string>>;
  /** Name of each account and its password. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly ports: ProsodyPorts;
  /** Addresses on which components and other servers are served; default: 127.0.0.1. The HTTP ports are always there. */
  readonly hosts?: { readonly component: string; readonly s2s: string };
}

export interface ProsodyPorts {
  /** XEP-0114. */
  readonly component: number;
  readonly s2s: number;
  /** XMPP over WebSocket at /xmpp-websocket, in the clear. */
  readonly http: number;
  /** The same with TLS. */
  readonly https: number;
}

/** What the configuration needs besides the site. */
export interface ProsodySurroundings {
  /** Of this site: data, plugins. */
  readonly folder: string;
  readonly certificate: string;
  readonly key: string;
  /** Certificates of all sites in one file: whom a server believes to be who it says. */
  readonly trusted: string;
  /** Where the servers of domains are found, without DNS. */
  readonly peers: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
  readonly asRoot: boolean;
}

/** A text as Lua reads it, whatever it holds. */
export function luaText(text: string): string {
  return `"${[...Buffer.from(text)].map((byte) => (byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`)).join('')}"`;
}

const luaPeers = (peers: ProsodySurroundings['peers']): string =>
  `{ ${Object.entries(peers).map(([name, { host, port }]) => `[${luaText(name)}] = { ${luaText(host)}, ${port} }`).join(', ')} }`;

const LOOPBACK = '127.0.0.1';
export const listening = ({ hosts }: ProsodySite): NonNullable<ProsodySite['hosts']> => hosts ?? { component: LOOPBACK, s2s: LOOPBACK };

/**
 * prosody.cfg.lua of a site. Servers prove themselves to each other by certificate; a component that connects again replaces its old
 * connection, as it must after a crash that the server has not noticed yet. Stanzas may be as large for accounts as for components.
 */
export function prosodyConfig(site: ProsodySite, around: ProsodySurroundings): string {
  const { domain, components, ports } = site;
  const hosts = listening(site);
  const settings = [
    'daemonize = false',
    ...(around.asRoot ? ['run_as_root = true'] : []),
    `data_path = ${luaText(join(around.folder, 'data'))}`,
    `plugin_paths = { ${luaText(join(around.folder, 'plugins'))} }`,
    'interfaces = { "127.0.0.1" }',
    'local_interfaces = { "127.0.0.1" }',
    `c2s_ports = {}; c2s_direct_tls_ports = {}; s2s_direct_tls_ports = {}`,
    `s2s_ports = { ${ports.s2s} }; s2s_interfaces = { ${luaText(hosts.s2s)} }`,
    `component_ports = { ${ports.component} }; component_interfaces = { ${luaText(hosts.component)} }`,
    `http_ports = { ${ports.http} }; http_interfaces = { "127.0.0.1" }`,
    `https_ports = { ${ports.https} }; https_interfaces = { "127.0.0.1" }`,
    `http_default_host = ${luaText(domain)}`,
    'modules_enabled = { "saslauth", "tls", "disco", "websocket", "fogbow_peers" }',
    'authentication = "internal_plain"; storage = "internal"',
    `ssl = { certificate = ${luaText(around.certificate)}; key = ${luaText(around.key)}; cafile = ${luaText(around.trusted)} }`,
    `https_ssl = ssl`,
    's2s_require_encryption = true; s2s_secure_auth = true',
    // On loopback; TLS is for the way outside.
    'c2s_require_encryption = false; allow_unencrypted_plain_auth = true; consider_websocket_secure = true',
    'component_conflict_resolve = "kick_old"',
    'c2s_stanza_size_limit = 524288',
    `fogbow_peers = ${luaPeers(around.peers)}`,
    'log = { { levels = { min = "info" }, to = "console" } }',
    `VirtualHost ${luaText(domain)}`,
    ...Object.entries(components).map(([address, secret]) => `Component ${luaText(address)}\n  component_secret = ${luaText(secret)}`),
  ];
  return `${settings.join('\n')}\n`;
}

/** Prosody's module that finds the other servers: DNS knows nothing of them, and of ports on loopback it could not tell. */
export const PEERS_MODULE = `module:set_global();

local service = require "net.resolvers.service";
local basic = require "net.resolvers.basic";
local peers = module:get_option("fogbow_peers", {});
local by_dns = service.new;
local nowhere = { next = function (_, found) found(nil); end };

function service.new(host, kind, protocol, extra)
	local peer = peers[host];
	if not peer then return by_dns(host, kind, protocol, extra); end
	if kind ~= "xmpp-server" then return nowhere; end
	return basic.new(peer[1], peer[2], "tcp", extra);
end

function module.unload()
	service.new = by_dns;
end
`;

/** Where Prosody's internal storage keeps an account, and what stands there. */
export function accountFile(site: ProsodySite, name: string, password: string): { readonly path: string; readonly content: string } {
  const encoded = (text: string): string => text.replace(/[^A-Za-z0-9]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return { path: join('data', encoded(site.domain), 'accounts', `${encoded(name)}.dat`), content: `return { ["password"] = ${luaText(password)} };\n` };
}
