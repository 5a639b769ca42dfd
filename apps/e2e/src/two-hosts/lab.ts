import type { ContainerEngine } from '@fogbow/embedded-servers';
import type { ApiClient, OrderView } from '../api-client.js';
import { awaitEvent } from '../await-event.js';
import type { HostDoor } from '../partitions/host-door.js';
import type { SshUser } from '../ssh.js';
import type { Host } from './layout.js';
import type { HostKind, Member } from './members.js';
import { healthOf } from './members.js';
import type { Network } from './network.js';

/** What the chapters work with. */
export interface Lab {
  readonly network: Network;
  readonly doors: Readonly<Record<Host, HostDoor>>;
  readonly a: Member;
  readonly b: Member;
  readonly cloud: ContainerEngine;
  /** User of A on the Internet. */
  readonly user: SshUser;
  /** The API of A as its user sees it; there once A runs. */
  readonly home: () => ApiClient;
  /** Packets towards an inside that our own tries have cost, by the host that counted them. */
  readonly tries: Map<Host, number>;
}

export const SERVICES: Readonly<Record<HostKind, readonly string[]>> = {
  internal: ['front', 'manager-api', 'manager-federation', 'manager-worker', 'postgres', 'redis', 'rendezvous'], external: ['prosody', 'redis', 'reverse-tunnel'],
};
export const MEMBER_HOSTS = ['internal', 'external'] as const;

export async function awaitHealthy(member: Member, host: HostKind, timeoutMs = 300_000): Promise<void> {
  let seen: Record<string, string> = {};
  await awaitEvent(`all services of ${host} ${member.letter} are healthy`, async () => {
    seen = await healthOf(member, host);
    return servicesOf(member, host).every((service) => seen[service] === 'healthy');
  }, { timeoutMs, everyMs: 500, seen: () => seen });
}

/** B has no Rendezvous of its own. */
export const servicesOf = ({ letter }: Member, host: HostKind): readonly string[] => SERVICES[host].filter((service) => letter === 'a' || service !== 'rendezvous');

export async function awaitFulfilled({ home }: Lab, id: string, timeoutMs = 60_000): Promise<OrderView> {
  let seen: OrderView | undefined;
  return await awaitEvent('the order is fulfilled', async () => {
    seen = await home().show(id);
    return seen?.state === 'fulfilled' && seen.ssh !== undefined && seen;
  }, { timeoutMs, seen: () => seen && { state: seen.state, reason: seen.reason, placement: seen.placement } });
}

export async function logIn({ user }: Lab, { ssh }: OrderView, timeoutMs = 40_000): Promise<string> {
  return await awaitEvent('ssh through the tunnel', async () => {
    if (!ssh) throw new Error('the order shows no address');
    const { status, stdout, stderr } = await user.run(ssh, 'hostname; id -un');
    if (status !== 0) throw new Error(`ssh to ${ssh.host}:${ssh.port} ended with ${status}: ${stderr}`);
    return stdout.trim().replace('\n', ', ');
  }, { timeoutMs, everyMs: 500 });
}
