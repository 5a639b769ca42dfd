import { chooseFlavor, parseRequirements } from '@fogbow/request-model';
import type { Flavor, MemberId, Size } from '@fogbow/request-model';
import { renderEntityLines } from '@fogbow/occi';
import type { Entity, OcciLink } from '@fogbow/occi';
import type { InstanceState } from '@fogbow/plugin-contracts';
import type { OrderRecord } from '../../orders/order-record.js';
import { extraPortsOf, sshAddressOf } from '../ssh-address.js';
import { instanceName, promisedName } from './instance-names.js';
import { ABSENT, INFRASTRUCTURE, PREFIX } from './names.js';
import { orderFacts } from './order-facts.js';
import { fixedResource, flavorResource, imageResource, located } from './registry.js';

/** What rendering a machine takes from here. */
export interface ComputeView {
  readonly root: string;
  readonly self: MemberId;
  readonly flavors: readonly Flavor[];
}

export const renderComputeList = (names: readonly string[], root: string): string =>
  (names.length === 0 ? 'There are no compute instances.' : names.map((name) => `X-OCCI-Location: ${root}/compute/${name}`).join('\n'));

export const renderCompute = (entity: Entity): string => renderEntityLines(entity);

/** A machine as OCCI sees it. Nothing is invented: what we cannot know is "Not defined". `seen`: what its cloud says of it just now. */
export function computeEntity(order: OrderRecord, view: ComputeView, seen?: InstanceState): Entity {
  const { spec } = order;
  const { root, self } = view;
  const mixins = [...(spec.image ? [fixedResource('os_tpl')] : []), ...(spec.flavor ? [flavorResource(spec.flavor)] : []), ...(spec.image ? [imageResource(spec.image)] : [])];
  return {
    id: instanceName(order),
    title: spec.title,
    kind: located(fixedResource('compute'), root),
    mixins: mixins.map((resource) => located(resource, root)),
    links: linksOf(order),
    beyond: orderFacts(order),
    attributes: attributesOf(order, stateOf(order, seen), order.provider === self ? sizeOf(order, view) : undefined),
  };
}

/** At home the size is that of the flavor; another member may mean something else by the same name. */
function sizeOf({ spec }: OrderRecord, { flavors, self }: ComputeView): Size | undefined {
  const parsed = parseRequirements(spec.requirements ?? '');
  return chooseFlavor(flavors, self, 'expression' in parsed ? parsed.expression : undefined, spec.flavor);
}

/** Spec §1.8: what is neither running nor suspended is inactive; so is what nobody can reach yet. */
function stateOf({ state }: OrderRecord, seen: InstanceState | undefined): string {
  if (state !== 'fulfilled') return 'inactive';
  return seen === 'suspended' ? 'suspended' : seen === undefined || seen === 'active' ? 'active' : 'inactive';
}

function attributesOf(order: OrderRecord, state: string, size: Size | undefined): [name: string, value: string][] {
  const { spec, instance } = order;
  const ssh = sshAddressOf(order);
  const known: readonly (readonly [string, string | undefined])[] = [
    ['occi.compute.architecture', undefined],
    ['occi.compute.state', state],
    ['occi.compute.speed', undefined],
    ['occi.compute.memory', size && String(size.ramMb / 1024)],
    ['occi.compute.cores', size && String(size.vcpu)],
    ['occi.compute.hostname', undefined],
    ['occi.core.id', instanceName(order)],
    ['occi.core.title', spec.title],
    [`${PREFIX}ssh-public-address`, ssh && `${ssh.host}:${ssh.port}`],
    [`${PREFIX}local-ip-address`, instance?.localAddress],
    [`${PREFIX}ssh-username`, ssh?.username],
    [`${PREFIX}extra-ports`, extraPortsOf(order)],
  ];
  return known.map(([name, value]) => [name, value ?? ABSENT]);
}

/** The machine's ways to the world: through the tunnel, on its own cloud's network, and on private ones. */
function linksOf(order: OrderRecord): OcciLink[] {
  const ssh = sshAddressOf(order);
  const local = order.state === 'fulfilled' ? order.instance?.localAddress : undefined;
  return [
    ...(ssh ? [linkTo(order, 'public', `${ssh.host}:${ssh.port}`)] : []), ...(local ? [linkTo(order, 'private', local)] : []),
    // The cloud tells the addresses in the order in which the networks were asked for.
    ...(order.spec.networkOrderIds ?? []).map((id, index) => linkTo(order, promisedName('network', id), order.instance?.addresses?.[index]?.address ?? ABSENT)),
  ];
}

function linkTo(order: OrderRecord, network: string, address: string): OcciLink {
  const self = `/network/interface/${order.id}-${network}`;
  return {
    target: `/network/${network}`,
    rel: `${INFRASTRUCTURE}network`,
    self,
    category: `${INFRASTRUCTURE}networkinterface http://schemas.ogf.org/occi/infrastructure/networkinterface#ipnetworkinterface`,
    attributes: [
      ['occi.networkinterface.gateway', ABSENT], ['occi.networkinterface.mac', ABSENT], ['occi.networkinterface.interface', ABSENT],
      ['occi.networkinterface.state', order.state === 'fulfilled' ? 'active' : 'inactive'], ['occi.networkinterface.allocation', ABSENT],
      ['occi.networkinterface.address', address], ['occi.core.source', `/compute/${instanceName(order)}`], ['occi.core.target', `/network/${network}`], ['occi.core.id', self],
    ],
  };
}
