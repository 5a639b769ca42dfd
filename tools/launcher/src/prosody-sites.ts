import { join } from 'node:path';
import { startProsody } from '@fogbow/embedded-servers';
import type { ProsodyServer, ProsodySite } from '@fogbow/embedded-servers';
import { xmppSecret } from './configure-services.js';
import { logFile } from './data-folder.js';
import type { FederationPlan } from './plan-federation.js';
import type { Secrets } from './secrets.js';

export const prosodyFolder = (data: string): string => join(data, 'prosody');

/** One server for each member: its Manager is a component there, and the Rendezvous is one at the first member's. */
export function prosodySites({ members, rendezvousJid }: FederationPlan, secrets: Secrets): ProsodySite[] {
  return members.map(({ letter, id, ports }, index) => ({
    domain: `${letter}.fogbow.local`, ports: ports.prosody,
    components: Object.fromEntries([id, ...(index === 0 ? [rendezvousJid] : [])].map((jid) => [jid, xmppSecret(secrets, jid)])),
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
