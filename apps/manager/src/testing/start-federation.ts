import type { AxiosInstance } from 'axios';
import { createMemoryNetwork, IAMALIVE, WHOISALIVE } from '@fogbow/messaging';
import type { Announcement, FederationLink, MemoryNetwork } from '@fogbow/messaging';
import type { Logger } from '@fogbow/service-runtime';
import { startManager } from './start-manager.js';
import type { TestManager } from './start-manager.js';

export interface TestMember {
  readonly id: string;
  readonly manager: TestManager;
  readonly client: AxiosInstance;
  machines(): Promise<{ id: string; clientToken: string }[]>;
}

/** Whole Managers in one process, joined by a memory network with a stand-in for the Rendezvous. */
export interface TestFederation {
  readonly network: MemoryNetwork;
  readonly members: readonly TestMember[];
  /** A party of the network that is no Manager, started. */
  stranger(id: string): Promise<FederationLink>;
  stop(): Promise<void>;
}

const RENDEZVOUS = 'rendezvous.test';

/** Impatient: everything that waits for minutes in a real federation waits for a fraction of a second. */
export const FAST = {
  'xmpp.host': 'unused.test', 'xmpp.secret': 'unused', 'xmpp.timeout': '1s', 'rendezvous.jid': RENDEZVOUS,
  'placement.resendAfter': '300ms', 'placement.giveUpAfter': '1500ms', 'members.life': '3s',
  'periods.resend': '150ms', 'periods.served': '400ms', 'periods.announce': '200ms', 'periods.release': '300ms', 'periods.scheduler': '300ms', 'periods.monitor': '300ms',
};

/** `clouds`: the settings of the fake cloud of each member; members are called manager.a.test, manager.b.test … */
export async function startFederation(clouds: readonly Record<string, unknown>[], overrides: Record<string, unknown> = {}, logOf?: (id: string) => Logger): Promise<TestFederation> {
  const network = createMemoryNetwork();
  const links = [await startRendezvous(network)];
  const members = await Promise.all(clouds.map(async (cloud, index): Promise<TestMember> => {
    const id = `manager.${String.fromCharCode(97 + index)}.test`;
    const manager = await startManager({ 'member.id': id, ...FAST, ...overrides }, cloud, { openLink: () => network.link(id), ...(logOf ? { log: logOf(id) } : {}) });
    return { id, manager, client: manager.client(), machines: async () => (await manager.control.get<{ id: string; clientToken: string }[]>('/instances')).data };
  }));
  return {
    network,
    members,
    async stranger(id) {
      const link = network.link(id);
      links.push(link);
      await link.start();
      return link;
    },
    async stop() {
      network.setFate(undefined);
      await Promise.all(members.map((member) => member.manager.stop()));
      await Promise.all(links.map((link) => link.stop()));
    },
  };
}

/** Everybody who ever announced itself is alive; one page. What they told is handed on as it came. */
export async function startRendezvous(network: MemoryNetwork): Promise<FederationLink> {
  const alive = new Map<string, Announcement>();
  const link = network.link(RENDEZVOUS);
  link.handle(IAMALIVE, async (from, announcement) => {
    alive.set(from, announcement);
    return {};
  });
  link.handle(WHOISALIVE, async (_from, { after }) => ({ members: after ? [] : [...alive].sort().map(([id, told]) => ({ id, ...told })), total: alive.size }));
  await link.start();
  return link;
}
