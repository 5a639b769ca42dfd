import { chooseFlavor, globalInstanceId, parseRequirements } from '@fogbow/request-model';
import type { Flavor, MemberId, Size } from '@fogbow/request-model';
import { renderEntityLines } from '@fogbow/occi';
import type { Entity, OcciLink } from '@fogbow/occi';
import type { OrderRecord } from '../../orders/order-record.js';
import { sshAddressOf } from '../ssh-address.js';
import { ABSENT, FEDERATED_INSTANCE, INFRASTRUCTURE, PREFIX } from './names.js';
import { fixedResource, flavorResource, imageResource, located } from './registry.js';

/** What rendering a machine takes from here. */
export interface ComputeView {
  readonly root: string;
  readonly self: MemberId;
  readonly flavors: readonly Flavor[];
}

/** The name of a machine: that of its cloud, or for those asked for by POST /compute the one that they were promised (spec §1.8). */
export function computeName(order: OrderRecord): string {
  const own = order.spec.asInstance ? undefined : globalInstanceId(order);
  return own ?? FEDERATED_INSTANCE + order.id;
}

export const renderComputeList = (names: readonly string[], root: string): string =>
  (names.length === 0 ? 'There are no compute instances.' : names.map((name) => `X-OCCI-Location: ${root}/compute/${name}`).join('\n'));

export const renderCompute = (entity: Entity): string => renderEntityLines(entity);

/** A machine as OCCI sees it. Nothing is invented: what we cannot know is "Not defined". */
export function computeEntity(order: OrderRecord, view: ComputeView): Entity {
  const { spec } = order;
  const { root, self } = view;
  const mixins = [...(spec.image ? [fixedResource('os_tpl')] : []), ...(spec.flavor ? [flavorResource(spec.flavor)] : []), ...(spec.image ? [imageResource(spec.image)] : [])];
  return {
    id: computeName(order),
    title: spec.title,
    kind: located(fixedResource('compute'), root),
    mixins: mixins.map((resource) => located(resource, root)),
    links: linksOf(order),
    attributes: attributesOf(order, order.provider === self ? sizeOf(order, view) : undefined),
  };
}

/** At home the size is that of the flavor; another member may mean something else by the same name. */
function sizeOf({ spec }: OrderRecord, { flavors, self }: ComputeView): Size | undefined {
  const parsed = parseRequirements(spec.requirements ?? '');
  return chooseFlavor(flavors, self, 'expression' in parsed ? parsed.expression : undefined, spec.flavor);
}

function attributesOf(order: OrderRecord, size: Size | undefined): [name: string, value: string][] {
  const { spec, instance } = order;
  const ssh = sshAddressOf(order);
  const extra = ssh ? Object.entries(instance?.extraAddresses ?? {}).map(([service, { host, port }]): [string, string] => [service, `${host}:${port}`]) : [];
  const known: readonly (readonly [string, string | undefined])[] = [
    ['occi.compute.architecture', undefined],
    ['occi.compute.state', order.state === 'fulfilled' ? 'active' : 'inactive'],
    ['occi.compute.speed', undefined],
    ['occi.compute.memory', size && String(size.ramMb / 1024)],
    ['occi.compute.cores', size && String(size.vcpu)],
    ['occi.compute.hostname', undefined],
    ['occi.core.id', computeName(order)],
    ['occi.core.title', spec.title],
    [`${PREFIX}ssh-public-address`, ssh && `${ssh.host}:${ssh.port}`],
    [`${PREFIX}local-ip-address`, instance?.localAddress],
    [`${PREFIX}ssh-username`, ssh?.username],
    [`${PREFIX}extra-ports`, extra.length > 0 ? JSON.stringify(Object.fromEntries(extra)) : undefined],
  ];
  return known.map(([name, value]) => [name, value ?? ABSENT]);
}

/** The machine's ways to the world: through the tunnel, and on its own cloud's network. */
function linksOf(order: OrderRecord): OcciLink[] {
  const ssh = sshAddressOf(order);
  const local = order.state === 'fulfilled' ? order.instance?.localAddress : undefined;
  return [...(ssh ? [linkTo(order, 'public', `${ssh.host}:${ssh.port}`)] : []), ...(local ? [linkTo(order, 'private', local)] : [])];
}

function linkTo(order: OrderRecord, network: 'public' | 'private', address: string): OcciLink {
  const self = `/network/interface/${order.id}-${network}`;
  return {
    target: `/network/${network}`,
    rel: `${INFRASTRUCTURE}network`,
    self,
    category: `${INFRASTRUCTURE}networkinterface http://schemas.ogf.org/occi/infrastructure/networkinterface#ipnetworkinterface`,
    attributes: [
      ['occi.networkinterface.gateway', ABSENT], ['occi.networkinterface.mac', ABSENT], ['occi.networkinterface.interface', ABSENT],
      ['occi.networkinterface.state', order.state === 'fulfilled' ? 'active' : 'inactive'], ['occi.networkinterface.allocation', ABSENT],
      ['occi.networkinterface.address', address], ['occi.core.source', `/compute/${computeName(order)}`], ['occi.core.target', `/network/${network}`], ['occi.core.id', self],
    ],
  };
}
