import type { Instance, InstanceState, NetworkAddress } from '@fogbow/plugin-contracts';
import { sizeOf } from './choose-flavor.js';
import { FLOATING_KEY, isOurName, TOKEN_KEY } from './our-names.js';

/** A server as `GET /servers/detail` shows it (Compute API, microversion 2.53). */
export interface NovaServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly created?: string;
  readonly updated?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly flavor?: { readonly vcpus: number; readonly ram: number; readonly disk: number };
  readonly addresses?: Readonly<Record<string, readonly { readonly addr: string; readonly version: number; readonly 'OS-EXT-IPS:type'?: string }[]>>;
  readonly fault?: { readonly message?: string };
  readonly 'OS-EXT-STS:task_state'?: string | null;
  readonly 'OS-EXT-STS:vm_state'?: string;
  readonly 'os-extended-volumes:volumes_attached'?: readonly { readonly id: string }[];
}

/** Statuses of Nova; what is not here is on its way, and Nova says later where to. */
const STATES: Readonly<Record<string, InstanceState>> = {
  ACTIVE: 'active', PASSWORD: 'active', REBOOT: 'active', HARD_REBOOT: 'active', MIGRATING: 'active', RESIZE: 'active', VERIFY_RESIZE: 'active', REVERT_RESIZE: 'active', RESCUE: 'active',
  BUILD: 'inactive', REBUILD: 'inactive', SHUTOFF: 'inactive', SHELVED: 'inactive', SHELVED_OFFLOADED: 'inactive', UNKNOWN: 'inactive',
  PAUSED: 'suspended', SUSPENDED: 'suspended', ERROR: 'failed',
};

/** Nova shows a server for a while after it has taken the order to delete it. */
export function isLeaving({ status, 'OS-EXT-STS:task_state': task }: NovaServer): boolean {
  return status === 'DELETED' || status === 'SOFT_DELETED' || task === 'deleting' || task === 'soft-deleting';
}

/** Ours by its name and by its metadata, which nobody writes by chance. */
export const isOurs = ({ name, metadata }: NovaServer): boolean => isOurName(name) && metadata?.[TOKEN_KEY] === name;

export const stateOf = ({ status }: Pick<NovaServer, 'status'>): InstanceState => STATES[status] ?? 'inactive';

/** Nova writes the state first and the reason a moment later. */
const REASON_COMES_MS = 30_000;

export const lacksReason = ({ status, fault }: Pick<NovaServer, 'status' | 'fault'>): boolean => status === 'ERROR' && !fault?.message?.trim();

/** Whether it went to ERROR just now, and Nova has not said why. */
export function isUnexplained(server: NovaServer, now: Date): boolean {
  return lacksReason(server) && Math.abs(now.getTime() - Date.parse(server.updated ?? '')) < REASON_COMES_MS;
}

/** Pure: a server of ours; undefined when it is leaving. */
export function instanceOf(server: NovaServer, now: Date): Instance | undefined {
  if (isLeaving(server)) return undefined;
  const { id, metadata = {}, flavor, created, fault } = server;
  const [state, address, networks, clientToken] = [isUnexplained(server, now) ? 'inactive' as const : stateOf(server), addressOf(server, metadata), networksOf(metadata), metadata[TOKEN_KEY]];
  return {
    id, state,
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(flavor ? { size: sizeOf(flavor) } : {}),
    ...(address === undefined ? {} : { localAddress: address }),
    ...accessOf(server, metadata),
    ...(networks.length > 0 ? { networks } : {}),
    ...(created === undefined ? {} : { createdAt: new Date(created) }),
    ...(state === 'failed' ? { fault: fault?.message?.trim() || 'Nova set it to ERROR and gives no reason.' } : {}),
  };
}

/** At a floating address users log in themselves, under the account that their key was given (C9). */
function accessOf(server: NovaServer, metadata: Readonly<Record<string, string>>): Pick<Instance, 'sshAddress' | 'sshUsername'> {
  const [host, sshUsername] = [floatingOf(server), metadata[FLOATING_KEY]];
  return host === undefined || sshUsername === undefined ? {} : { sshAddress: { host, port: SSH_PORT }, sshUsername };
}

const SSH_PORT = 22;
const floatingOf = ({ addresses = {} }: NovaServer): string | undefined =>
  Object.values(addresses).flat().find((one) => one.version === 4 && one['OS-EXT-IPS:type'] === 'floating')?.addr;

/** A floating address where there is one, else the first of the member's own network. */
function addressOf(server: NovaServer, metadata: Readonly<Record<string, string>>): string | undefined {
  const { addresses = {} } = server;
  const all = Object.values(addresses).flat().filter(({ version }) => version === 4);
  const onPrivate = new Set(networksOf(metadata).map(({ address }) => address));
  return floatingOf(server) ?? (all.find(({ addr }) => !onPrivate.has(addr)) ?? all[0])?.addr;
}

const NETWORK_KEY = 'fogbow_network_';

/** Nova shows addresses by the names of networks, after a while; the metadata hold them by id, in order, from the first moment. */
export function networkMetadata(networks: readonly NetworkAddress[]): Readonly<Record<string, string>> {
  return Object.fromEntries(networks.map(({ networkId, address }, index) => [`${NETWORK_KEY}${index}`, `${networkId} ${address}`]));
}

export function networksOf(metadata: Readonly<Record<string, string>>): NetworkAddress[] {
  const places = Object.keys(metadata).filter((key) => key.startsWith(NETWORK_KEY)).map((key) => Number(key.slice(NETWORK_KEY.length)));
  return places.sort((left, right) => left - right).map((place) => {
    const [networkId = '', address = ''] = (metadata[`${NETWORK_KEY}${place}`] ?? '').split(' ');
    return { networkId, address };
  });
}
