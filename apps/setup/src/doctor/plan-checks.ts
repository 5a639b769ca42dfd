import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesOf, PORTS } from '../answers/answers.js';
import type { Site } from '../answers/answers.js';
import type { Check } from './check.js';
import { checkCertificate, checkClosed, checkName, checkOpen, checkReached, checkSshBanner } from './check-network.js';
import { checkCloud, checkPostgres, checkRedis, checkXmpp } from './check-services.js';

/** From where is looked: one of the two hosts, or anywhere in the world. */
export type Where = Site['host'] | 'world';

export interface PlanOptions {
  readonly where: Where;
  readonly site: Site;
  /** Of the host, with secrets/, trust/ and config/; of no use to the world. */
  readonly folder: string;
  /** The Manager's program that asks its cloud. */
  readonly cloudProgram: string;
  /** Another member to reach, by its id. */
  readonly member?: string;
  readonly now: () => Date;
}

const FIREWALL = 'Apply nftables.conf of that host (nft -f nftables.conf), and the rules of whatever filters between the hosts.';
const IS_IT_UP = 'Is it up (docker compose ps on that host)? If it is, a firewall is on the way: apply nftables.conf there.';

/** Every leg that can be tried from there, in the order in which one builds on the other. */
export function planChecks(options: PlanOptions): Check[] {
  if (options.where === 'internal') return fromInside(options);
  const seen = fromWorld(options.site);
  return options.where === 'world' ? [...seen, ...closedToTheWorld(options.site)] : [...seen, ...fromDmz(options)];
}

function fromInside({ site, folder, cloudProgram, member, now }: PlanOptions): Check[] {
  const { external, doctor, internal } = namesOf(site);
  const secret = (name: string): string => readFileSync(join(folder, 'secrets', name), 'utf8').trim();
  const ca = site.certificates === 'trial' ? { ca: readFileSync(join(folder, 'trust', 'ca.pem'), 'utf8') } : {};
  const at = (port: number, what: string) => ({ host: site.insideAddress, port, what });
  const byName = (port: number, what: string) => ({ host: external, port, what, ...ca });
  return [
    checkPostgres(secret('database-url'), now),
    checkRedis({ what: 'Redis of the Manager', url: secret('redis-url'), now }),
    checkOpen(at(PORTS.component, 'XMPP server, for components'), IS_IT_UP),
    checkOpen(at(PORTS.redis, 'Redis beside the tunnel'), IS_IT_UP),
    checkSshBanner(at(PORTS.tunnelSsh, 'tunnel, for machines'), IS_IT_UP),
    checkCertificate(byName(PORTS.component, 'the XMPP server'), now),
    checkCertificate(byName(PORTS.redis, 'the Redis beside the tunnel'), now),
    checkCertificate({ host: site.internalAddress, port: PORTS.api, what: 'the API', name: internal, ...ca }, now),
    checkRedis({ what: 'Redis beside the tunnel', url: secret('tunnel-redis-url'), now, ...ca }),
    ...checkXmpp({ jid: doctor, host: external, port: PORTS.component, secret: secret('xmpp-doctor'), ...ca, ...(member === undefined ? {} : { member }) }),
    checkCloud(cloudProgram, managerFile(folder)),
  ];
}

/** In a container the Manager's configuration is where its own paths say; on the host it is in the folder. */
function managerFile(folder: string): string {
  const mounted = '/etc/fogbow/config/manager-worker.yaml';
  return existsSync(mounted) ? mounted : join(folder, 'config', 'manager', 'manager-worker.yaml');
}

function fromWorld(site: Site): Check[] {
  const { manager, rendezvous, external, doctor } = namesOf(site);
  const server = { host: external, port: PORTS.s2s };
  const at = (port: number, what: string) => ({ host: site.publicAddress, port, what });
  return [
    checkName(external, site.publicAddress),
    ...[manager, ...(site.rendezvous === 'own' ? [rendezvous] : []), doctor].map((name) => checkName(name, site.publicAddress, server)),
    checkOpen(at(PORTS.s2s, 'XMPP server, for other servers'), IS_IT_UP),
    checkReached(at(site.publicPorts.from, 'first public port of the tunnel'), FIREWALL),
    checkReached(at(site.publicPorts.to, 'last public port of the tunnel'), FIREWALL),
  ];
}

function closedToTheWorld(site: Site): Check[] {
  if (site.publicAddress === site.insideAddress) return [];
  const inner = [[PORTS.component, 'the component port'], [PORTS.redis, 'Redis'], [PORTS.tunnelHttp, 'the tunnel\'s status']] as const;
  return inner.map(([port, what]) => checkClosed({ host: site.publicAddress, port, what }, FIREWALL));
}

function fromDmz({ site, folder, member, now }: PlanOptions): Check[] {
  const url = readFileSync(join(folder, 'secrets', 'tunnel-redis-url'), 'utf8').trim();
  return [
    checkRedis({ what: 'Redis beside the tunnel', url, now }),
    checkSshBanner({ host: site.insideAddress, port: PORTS.tunnelSsh, what: 'tunnel, for machines' }, IS_IT_UP),
    checkOpen({ host: '127.0.0.1', port: PORTS.tunnelHttp, what: 'tunnel, health and metrics' }, IS_IT_UP),
    // Nothing in the DMZ opens a connection inward: if it could, who breaks into the DMZ is inside.
    ...(site.layout === 'all-in-one' ? [] : [checkClosed({ host: site.internalAddress, port: PORTS.api, what: 'the inside' }, FIREWALL), checkClosed({ host: site.internalAddress, port: 22, what: 'the inside' }, FIREWALL)]),
    ...(member === undefined ? [] : [checkServerOf(member)]),
  ];
}

function checkServerOf(member: string): Check {
  const remedy = 'The other member publishes its DNS records and opens port 5269 to the world; its own doctor --host world says more.';
  return {
    name: `the server of ${member}`, remedy,
    async run(signal) {
      const { Resolver } = await import('node:dns/promises');
      const [record] = await new Resolver({ timeout: 3000, tries: 2 }).resolveSrv(`_xmpp-server._tcp.${member}`).catch(() => [{ name: member, port: PORTS.s2s as number }]);
      const { name: host, port } = record ?? { name: member, port: PORTS.s2s };
      return `${host}:${port} is ${await checkOpen({ host, port, what: 'server' }, remedy).run(signal)}`;
    },
  };
}
