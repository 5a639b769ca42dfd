import { startProsody } from '@fogbow/embedded-servers';
import type { ProsodyServer, ProsodySite } from '@fogbow/embedded-servers';
import { addressOf } from '@fogbow/messaging';
import { prosodyDomain, prosodyFolder, xmppSecret } from './configure-services.js';
import { logFile } from './data-folder.js';
import type { FederationPlan } from './plan-federation.js';
import type { Secrets } from './secrets.js';

/** One server for each member: its Manager is a component or client there, and the Rendezvous is a component at the first member's. */
export function prosodySites({ members, rendezvousJid, xmpp }: FederationPlan, secrets: Secrets): ProsodySite[] {
  return members.map(({ letter, id, ports }, index) => ({
    domain: prosodyDomain(letter), ports: ports.prosody,
    components: Object.fromEntries([...(xmpp === 'prosody' ? [id] : []), ...(index === 0 ? [rendezvousJid] : [])].map((jid) => [jid, xmppSecret(secrets, jid)])),
    ...(xmpp === 'websocket' ? { accounts: { [addressOf(id).split('@')[0] as string]: xmppSecret(secrets, id) } } : {}),
  }));
}

/** What the supervisor may start, and start again. */
export function prosodyStarters(plan: FederationPlan, secrets: Secrets, options: { readonly install: boolean; readonly say: (line: string) => void; readonly signal: AbortSignal }) {
  const sites = prosodySites(plan, secrets);
  return plan.members.map(({ letter }, index) => {
    const name = prosodyName(letter);
    const domain = (sites[index] as ProsodySite).domain;
    const start = (): Promise<ProsodyServer> => startProsody({
      directory: prosodyFolder(plan.data), sites, domain, logFile: logFile(plan.data, name), install: options.install, log: options.say, signal: options.signal,
    });
    return { name, start };
  });
}

export const prosodyName = (letter: string): string => `prosody-${letter}`;
