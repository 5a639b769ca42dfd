import type { OrderInstance, ServiceAddress } from '@fogbow/request-model';
import type { InstanceState } from '@fogbow/plugin-contracts';
import type { InstanceReport } from '@fogbow/messaging';

const SSH_ADDRESS = 'org.fogbowcloud.order.ssh-public-address';
const SSH_USERNAME = 'org.fogbowcloud.order.ssh-username';
const LOCAL_ADDRESS = 'org.fogbowcloud.order.local-ip-address';
/** Extensions of ours; originals skip what they do not know. */
const SSH_HOST_KEY = 'org.fogbowcloud.order.ssh-host-key';
const EXTRA_PORTS = 'org.fogbowcloud.order.extra-ports';
const EXTRA_URLS = 'org.fogbowcloud.order.extra-urls';
const ADDRESSES = 'org.fogbowcloud.order.network-addresses';
const FAULT = 'org.fogbowcloud.order.fault';
/** As much of a cloud's words as a message carries. */
const FAULT_LENGTH = 500;
const GATEWAY = 'occi.network.gateway';
const VLAN = 'occi.network.vlan';
const DEVICE = 'occi.storagelink.deviceid';

/** The states of spec §1.8 on the wire. */
const TO_WIRE: Record<InstanceState, string> = { inactive: 'PENDING', active: 'RUNNING', suspended: 'SUSPENDED', failed: 'FAILED' };
const FROM_WIRE: Record<string, InstanceState> = { RUNNING: 'active', SUSPENDED: 'suspended', FAILED: 'failed' };

/** What a provider says of an instance (spec §1.8, §3.1 getinstance). */
export function toInstanceReport(instance: OrderInstance, state: InstanceState, fault?: string): InstanceReport {
  return {
    instanceId: instance.id,
    state: TO_WIRE[state],
    attributes: {
      'occi.core.id': instance.id,
      ...(instance.sshAddress ? { [SSH_ADDRESS]: `${instance.sshAddress.host}:${instance.sshAddress.port}` } : {}),
      ...(instance.sshUsername ? { [SSH_USERNAME]: instance.sshUsername } : {}),
      ...(instance.localAddress ? { [LOCAL_ADDRESS]: instance.localAddress } : {}),
      ...(instance.sshHostKey ? { [SSH_HOST_KEY]: instance.sshHostKey } : {}),
      ...(instance.addresses ? { [ADDRESSES]: instance.addresses.map(({ networkId, address }) => `${networkId}=${address}`).join(',') } : {}),
      ...servicesToWire(instance.extraAddresses),
      ...(instance.gateway ? { [GATEWAY]: instance.gateway } : {}),
      ...(instance.vlan ? { [VLAN]: instance.vlan } : {}),
      ...(instance.device ? { [DEVICE]: instance.device } : {}),
      ...(fault ? { [FAULT]: fault.replace(/\p{Cc}+/gu, ' ').slice(0, FAULT_LENGTH) } : {}),
    },
  };
}

/** Sixteen networks with their addresses, and the longest of host keys. */
const LONGEST = 4096;

/** Foreign words end in headers, answers and on terminals: what is no short line is as if it were not told. */
const sane = (attributes: InstanceReport['attributes']): InstanceReport['attributes'] =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value.length <= LONGEST && !/\p{Cc}/u.test(value)));

export interface ReportedInstance {
  readonly instance: OrderInstance;
  readonly state: InstanceState;
  /** The cloud's own words, where it failed. */
  readonly fault?: string;
}

export function fromInstanceReport({ instanceId, state, attributes: given }: InstanceReport): ReportedInstance {
  const attributes = sane(given);
  const told = {
    sshAddress: parseAddress(attributes[SSH_ADDRESS]), sshUsername: attributes[SSH_USERNAME], sshHostKey: attributes[SSH_HOST_KEY], localAddress: attributes[LOCAL_ADDRESS],
    addresses: parseAddresses(attributes[ADDRESSES]), extraAddresses: parseServices(attributes[EXTRA_PORTS], attributes[EXTRA_URLS]), gateway: attributes[GATEWAY], vlan: attributes[VLAN], device: attributes[DEVICE],
  };
  const fault = attributes[FAULT]?.slice(0, FAULT_LENGTH);
  return { state: FROM_WIRE[state ?? ''] ?? 'inactive', ...(fault ? { fault } : {}), instance: { id: instanceId, ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) } };
}

/** Spec §1.8: a JSON object of host:port by service; the URLs of those that have one stand beside it. */
function servicesToWire(services: OrderInstance['extraAddresses'] = {}): Record<string, string> {
  const entries = Object.entries(services);
  if (entries.length === 0) return {};
  const urls = entries.flatMap(([name, { url }]) => (url === undefined ? [] : [[name, url]]));
  return {
    [EXTRA_PORTS]: JSON.stringify(Object.fromEntries(entries.map(([name, { host, port }]) => [name, `${host}:${port}`]))),
    ...(urls.length > 0 ? { [EXTRA_URLS]: JSON.stringify(Object.fromEntries(urls)) } : {}),
  };
}

/** What is no address or no web link is as if it were not told: users click on it. */
function parseServices(ports: string | undefined, urls: string | undefined): OrderInstance['extraAddresses'] {
  if (ports === undefined) return undefined;
  const links = parseTexts(urls);
  const known = [...parseTexts(ports)].flatMap(([name, text]): [string, ServiceAddress][] => {
    const address = parseAddress(text);
    const url = links.get(name);
    return address ? [[name, { ...address, ...(url !== undefined && /^https?:\/\/[^\s"<>]+$/.test(url) ? { url } : {}) }]] : [];
  });
  return Object.fromEntries(known);
}

function parseTexts(json: string | undefined): Map<string, string> {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map();
    return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && SERVICE.test(entry[0])));
  } catch {
    return new Map();
  }
}

const SERVICE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

function parseAddresses(text: string | undefined): OrderInstance['addresses'] {
  return text?.split(',').flatMap((part) => {
    const at = part.lastIndexOf('=');
    return at < 1 ? [] : [{ networkId: part.slice(0, at), address: part.slice(at + 1) }];
  });
}

function parseAddress(text: string | undefined): ServiceAddress | undefined {
  const match = /^(.+):(\d{1,5})$/.exec(text ?? '');
  return match ? { host: match[1] as string, port: Number(match[2]) } : undefined;
}
