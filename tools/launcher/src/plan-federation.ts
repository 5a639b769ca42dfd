import { join } from 'node:path';
import { LETTERS, PORT_BLOCK } from './options.js';
import type { CloudChoice, LauncherOptions, XmppChoice } from './options.js';

/** Everything that is decided before anything starts: names, ports and folders. Pure data. */
export interface FederationPlan {
  readonly data: string;
  readonly ports: { readonly postgres: number; readonly redis: number; readonly router: number; readonly routerHttp: number; readonly rendezvousHttp: number };
  readonly rendezvousJid: string;
  readonly xmpp: XmppChoice;
  readonly members: readonly MemberPlan[];
}

export interface MemberPlan {
  readonly letter: string;
  /** Also its XMPP address, or what stands for that of a client. */
  readonly id: string;
  readonly user: string;
  readonly database: string;
  readonly maxInstances: number;
  readonly cloud: CloudChoice;
  /** Where the embedded clouds keep machines or state. */
  readonly cloudDirectory: string;
  readonly ports: MemberPorts;
}

export interface MemberPorts {
  readonly http: number;
  readonly tunnelSsh: number;
  readonly tunnelHttp: number;
  /** Where machines ask for services, and users find those that have a name. */
  readonly tunnelWeb: number;
  readonly fakeCloud: number;
  /** Of the member's own Prosody, where it has one. */
  readonly prosody: { readonly component: number; readonly s2s: number; readonly http: number; readonly https: number };
  readonly publicFrom: number;
  readonly publicTo: number;
}

const USERS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'];
const FIRST_PUBLIC_PORT = 10;

/** The first member is small, so that its third machine shows what a federation is for. */
const ROOM = { first: 2, others: 10 };

export function planFederation(options: LauncherOptions): FederationPlan {
  const base = options.portBase;
  return {
    data: options.data,
    ports: { postgres: base, redis: base + 1, router: base + 2, routerHttp: base + 3, rendezvousHttp: base + 4 },
    rendezvousJid: 'rendezvous.fogbow.local',
    xmpp: options.xmpp,
    members: LETTERS.slice(0, options.members).map((letter, index) => planMember(options, letter, index)),
  };
}

function planMember(options: LauncherOptions, letter: string, index: number): MemberPlan {
  const block = options.portBase + PORT_BLOCK * (index + 1);
  return {
    letter,
    id: options.xmpp === 'websocket' ? `manager.at--${letter}.fogbow.local` : `manager.${letter}.fogbow.local`,
    user: USERS[index] ?? `user-${letter}`,
    database: `fogbow_${letter}`,
    maxInstances: index === 0 ? ROOM.first : ROOM.others,
    cloud: options.clouds[letter] ?? { plugin: 'cloud-local' },
    cloudDirectory: join(options.data, 'members', letter, 'cloud'),
    ports: { http: block, tunnelSsh: block + 1, tunnelHttp: block + 2, tunnelWeb: block + 8, fakeCloud: block + 3, prosody: { component: block + 4, s2s: block + 5, http: block + 6, https: block + 7 }, publicFrom: block + FIRST_PUBLIC_PORT, publicTo: block + PORT_BLOCK - 1 },
  };
}

/** Where a component finds its server; the Rendezvous lives at the first member's. */
export function xmppPort(plan: FederationPlan, member = plan.members[0]): number {
  return usesProsody(plan) && member ? member.ports.prosody.component : plan.ports.router;
}

export const usesProsody = ({ xmpp }: Pick<FederationPlan, 'xmpp'>): boolean => xmpp !== 'router';

/** Every port that a process of ours binds at start, with what it is for; public ports come and go later. */
export function portsOf(plan: FederationPlan): { readonly port: number; readonly use: string }[] {
  const { postgres, redis, router, routerHttp, rendezvousHttp } = plan.ports;
  const routing: [number, string][] = plan.xmpp === 'router' ? [[router, 'the XMPP router'], [routerHttp, 'the XMPP router']] : [];
  const shared: [number, string][] = [[postgres, 'PostgreSQL'], [redis, 'Redis'], ...routing, [rendezvousHttp, 'the rendezvous']];
  const own = plan.members.flatMap(({ letter, ports, cloud }): [number, string][] => [
    [ports.http, `the manager of ${letter}`], [ports.tunnelSsh, `the tunnel of ${letter}`], [ports.tunnelHttp, `the tunnel of ${letter}`], [ports.tunnelWeb, `the tunnel of ${letter}`],
    ...(usesProsody(plan) ? Object.values(ports.prosody).map((port): [number, string] => [port, `the Prosody of ${letter}`]) : []),
    ...(cloud.plugin === 'cloud-fake' ? [[ports.fakeCloud, `the cloud of ${letter}`] as [number, string]] : []),
  ]);
  return [...shared, ...own].map(([port, use]) => ({ port, use }));
}
