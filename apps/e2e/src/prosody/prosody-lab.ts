import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freeProsodyPorts, startProsody } from '@fogbow/embedded-servers';
import type { ProsodyServer, ProsodySite } from '@fogbow/embedded-servers';
import { addressOf, createXmppLink, isClient } from '@fogbow/messaging';
import type { FederationLink, XmppLinkOptions } from '@fogbow/messaging';
import { silentLogger } from '@fogbow/service-runtime';

/** Two real servers that trust each other, and accounts and components for the members that are given. */
export interface ProsodyLab {
  readonly servers: readonly ProsodyServer[];
  /** The server of a member: that of the domain which its name ends with. */
  serverOf(member: string): ProsodyServer;
  secretOf(member: string): string;
  /** A link as the member is: of a component, or of a client over TLS. */
  link(member: string, options?: Partial<Omit<XmppLinkOptions, 'jid' | 'secret'>>): FederationLink;
  /** Starts the server of this domain again, on its old ports. */
  restart(domain: string): Promise<void>;
  stop(domain: string): Promise<void>;
  close(): Promise<void>;
}

const DOMAINS = ['one.test', 'two.test'];
const TRIES = 3;

export async function openProsodyLab(members: readonly string[]): Promise<ProsodyLab> {
  const directory = mkdtempSync(join(tmpdir(), 'fogbow prosody-'));
  chmodSync(directory, 0o711);
  const start = (sites: readonly ProsodySite[], domain: string): Promise<ProsodyServer> =>
    startProsody({ directory, sites, domain, install: false, logFile: join(directory, `${domain}.log`), log: () => undefined });
  const discard = (): void => rmSync(directory, { recursive: true, force: true });
  const started = await startAll(members, start).catch((error: unknown) => { discard(); throw error; });
  const servers = new Map(started.map((server) => [server.site.domain, server]));
  const sites = [...servers.values()].map(({ site }) => site);
  const serverOf = (member: string): ProsodyServer => servers.get(siteName(member)) as ProsodyServer;
  return {
    get servers() { return [...servers.values()]; },
    serverOf, secretOf,
    link(member, options = {}) {
      const { ports } = serverOf(member).site;
      const server = isClient(member)
        ? { url: `wss://127.0.0.1:${ports.https}/xmpp-websocket`, ca: readFileSync(serverOf(member).certificates, 'utf8') }
        : { host: '127.0.0.1', port: ports.component };
      return createXmppLink({ jid: member, secret: secretOf(member), log: silentLogger, ...server, ...options });
    },
    async restart(domain) { servers.set(domain, await start(sites, domain)); },
    async stop(domain) { await servers.get(domain)?.stop(); },
    async close() {
      await Promise.all([...servers.values()].map((server) => server.stop()));
      discard();
    },
  };
}

const secretOf = (member: string): string => `secret of ${member}`;
const siteName = (member: string): string => DOMAINS.find((domain) => member.endsWith(domain)) ?? DOMAINS[0] as string;

/** Between choosing the ports and binding them another program may take one. */
async function startAll(members: readonly string[], start: (sites: readonly ProsodySite[], domain: string) => Promise<ProsodyServer>): Promise<ProsodyServer[]> {
  for (let attempt = 1; ; attempt += 1) {
    const sites = await Promise.all(DOMAINS.map(async (domain): Promise<ProsodySite> => {
      const own = members.filter((member) => siteName(member) === domain);
      return {
        domain, ports: await freeProsodyPorts(),
        components: Object.fromEntries(own.filter((member) => !isClient(member)).map((member) => [member, secretOf(member)])),
        accounts: Object.fromEntries(own.filter(isClient).map((member) => [addressOf(member).split('@')[0] as string, secretOf(member)])),
      };
    }));
    const started = await Promise.allSettled(DOMAINS.map((domain) => start(sites, domain)));
    const fault = started.find((outcome) => outcome.status === 'rejected');
    if (!fault) return started.map((outcome) => (outcome as PromiseFulfilledResult<ProsodyServer>).value);
    await Promise.all(started.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.stop() : undefined)));
    if (attempt === TRIES || !String(fault.reason).includes('Failed to open server port')) throw fault.reason;
  }
}
