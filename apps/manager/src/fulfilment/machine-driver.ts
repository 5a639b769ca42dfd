import { FogbowError } from '@fogbow/plugin-contracts';
import type { ComputeCloud, Instance } from '@fogbow/plugin-contracts';
import type { MachineAccess } from '../access/machine-access.js';
import type { TunnelOfMachine } from '../access/tunnel-of-machine.js';
import type { Prepared, Resource, ResourceDriver } from './resource-driver.js';

interface WayToMachine extends Prepared {
  readonly tunnel: TunnelOfMachine | undefined;
}

/** Machines: with a way to them through the tunnel, where they run their user data and their cloud does not let users in by itself. */
export function createMachineDriver(compute: ComputeCloud, access: MachineAccess): ResourceDriver {
  const { bootsUserData, givesAccess } = compute.capabilities;
  return {
    atomicCreate: compute.capabilities.atomicCreate,
    async prepare(order, signal): Promise<WayToMachine | undefined> {
      if (!bootsUserData || givesAccess) return undefined;
      const tunnel = await access.prepare(order, signal);
      return tunnel || access.measures ? { told: tunnel?.addresses ?? {}, tunnel } : undefined;
    },
    async create(order, clientToken, { flavor, uses, prepared }, call) {
      if (!flavor) throw new FogbowError('cloud-rejected', 'no flavor of ours satisfies the requirements');
      const networkIds = (order.spec.networkOrderIds ?? []).map((id) => uses.get(id) ?? '');
      return toResource(await compute.create({
        clientToken,
        size: { vcpu: flavor.vcpu, ramMb: flavor.ramMb, diskGb: flavor.diskGb },
        flavor: flavor.name,
        ...(order.spec.image ? { image: order.spec.image } : {}),
        ...(networkIds.length > 0 ? { networkIds } : {}),
        ...(order.spec.publicKey ? { publicKey: order.spec.publicKey } : {}),
        userData: givesAccess ? order.spec.userData ?? [] : access.userData(order, (prepared as WayToMachine | undefined)?.tunnel),
      }, call));
    },
    find: async (clientToken, call) => optional(await compute.find(clientToken, call)),
    describe: async (id, call) => optional(await compute.describe(id, call)),
    list: async (call) => (await compute.list(call)).map(toResource),
    remove: (id, call) => compute.remove(id, call),
    ways: (orders) => access.ways(orders),
    withdraw: (target) => access.withdraw(target),
  };
}

const optional = (instance: Instance | undefined): Resource | undefined => instance && toResource(instance);

function toResource({ id, clientToken, state, fault, localAddress, sshAddress, sshUsername, sshHostKey, networks }: Instance): Resource {
  return {
    id, clientToken, state, fault,
    told: {
      ...(localAddress ? { localAddress } : {}), ...(sshAddress ? { sshAddress } : {}), ...(sshUsername ? { sshUsername } : {}),
      ...(sshHostKey ? { sshHostKey } : {}), ...(networks?.length ? { addresses: networks } : {}),
    },
  };
}
