import { parseIpv4, withoutHostBits } from '@fogbow/request-model';
import type { NetworkSpec, OrderSpec, ResourceKind } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import { UNSUPPORTED_ATTRIBUTES } from '@fogbow/occi';
import type { ListedOrder, OrderRecord } from '../../orders/order-record.js';
import { instanceName } from './instance-names.js';
import { ABSENT } from './names.js';

/** How the instances of a kind look under a path of their own (spec §1.9, §1.10). */
export interface ResourceCollection {
  readonly kind: ResourceKind;
  /** Of its category. */
  readonly term: string;
  /** What a list without any says. */
  readonly empty: string;
  /** What is asked for; throws for attributes that can never be right. `lenient`: in JSON, which originals do not know. */
  parse(attributes: ReadonlyMap<string, string>, lenient: boolean): Pick<OrderSpec, 'sizeGb' | 'network'>;
  attributes(order: OrderRecord): readonly (readonly [name: string, value: string | undefined])[];
}

const refuse = (message: string): never => { throw new FogbowError('unsupported-attribute', message); };
const stateOf = ({ state }: ListedOrder): string => (state === 'fulfilled' ? 'active' : 'inactive');

export const STORAGE: ResourceCollection = {
  kind: 'storage', term: 'storage', empty: 'There are no storage instances.',
  parse: (attributes) => ({ sizeGb: parseSize(attributes.get('occi.storage.size')) }),
  attributes: (order) => [
    ['occi.storage.name', order.spec.title], ['occi.storage.status', stateOf(order)], ['occi.storage.size', String(order.spec.sizeGb)], ['occi.core.id', instanceName(order)],
  ],
};

export const NETWORK: ResourceCollection = {
  kind: 'network', term: 'network', empty: 'There are no network instances.',
  parse: (attributes, lenient) => ({ network: parseNetwork(attributes, lenient) }),
  attributes: (order) => [...networkAttributes(order), ['occi.core.id', instanceName(order)]],
};

/** The size of a volume in GB. */
export function parseSize(text: string | undefined): number {
  if (!text) return refuse('Storage size not found.');
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : refuse(UNSUPPORTED_ATTRIBUTES);
}

/** Address, gateway and allocation are all required here (spec §1.5), but for the gateway where the request is `lenient`. Bits of a host in the range mean its network. */
export function parseNetwork(attributes: ReadonlyMap<string, string>, lenient = false): NetworkSpec {
  const [cidr = '', gateway, allocation] = ['address', 'gateway', 'allocation'].map((name) => attributes.get(`occi.network.${name}`));
  const range = withoutHostBits(cidr) ?? refuse('Network address with invalid value');
  const hasNone = lenient && gateway === undefined;
  if (!hasNone && parseIpv4(gateway ?? '') === undefined) refuse('Network gateway with invalid value');
  if (allocation !== 'dynamic' && allocation !== 'static') return refuse('Network allocation with invalid value');
  return { cidr: range, ...(gateway === undefined ? {} : { gateway }), allocation };
}

/** Spec §1.7, §1.10: as the cloud made it, before that as it was asked for. */
export function networkAttributes(order: ListedOrder): [name: string, value: string | undefined][] {
  const { spec: { network, title }, instance } = order;
  return [
    ['occi.network.vlan', instance?.vlan], ['occi.network.label', network && instance ? title : undefined], ['occi.network.state', network && stateOf(order)],
    ['occi.network.address', network?.cidr], ['occi.network.gateway', (network && instance?.gateway) ?? network?.gateway], ['occi.network.allocation', network?.allocation],
    ...['mac', 'interface', 'state'].map((name): [string, undefined] => [`occi.networkinterface.${name}`, undefined]),
  ];
}

/** With what stands where there is nothing to say. */
export const filled = (attributes: readonly (readonly [string, string | undefined])[]): [string, string][] => attributes.map(([name, value]) => [name, value ?? ABSENT]);
