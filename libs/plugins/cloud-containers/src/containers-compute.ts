import { DEFAULT_CAPABILITIES, FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import type { ComputeCloud, Instance, InstanceRequest, NetworkCloud, VolumeCloud } from '@fogbow/plugin-contracts';
import { oneOf } from '@fogbow/request-model';
import { chooseAddresses } from './choose-addresses.js';
import { requireClientToken } from './client-token.js';
import type { ContainersOptions } from './containers-options.js';
import { requireRoom, usedOf } from './containers-quota.js';
import type { EngineContainers } from './engine-containers.js';
import { addressesIn, clientTokenIn, isOurs, nameFor, sizeIn } from './labels.js';
import type { Machine, MachineShelf } from './machine-shelf.js';
import { machineSpec } from './machine-spec.js';
import { placeContainer } from './place-container.js';

export interface ComputeParts {
  readonly containers: EngineContainers;
  readonly shelf: MachineShelf;
  readonly volumes: VolumeCloud;
  readonly networks: NetworkCloud;
}

/** How often a machine is made anew because another process took its address first. */
const ADDRESS_TRIES = 4;

/** Machines as containers. The engine refuses a second container of one name, so it is the engine that makes a create happen once. */
export function createContainersCompute(options: ContainersOptions, parts: ComputeParts): ComputeCloud {
  const { own, limit, turns } = options;
  const { containers, shelf, volumes, networks } = parts;

  const isOurContainer = async (id: string, signal: AbortSignal): Promise<boolean> => {
    const facts = isContainerId(id) ? await containers.inspect(id, signal) : undefined;
    return facts !== undefined && isOurs(own, facts.labels);
  };

  const place = async (request: InstanceRequest, signal: AbortSignal): Promise<string> => {
    const machines = await containers.list(signal).then((all) => all.filter(({ status }) => status !== 'removing' && status !== 'dead'));
    // Whoever asked for the same before us has been here.
    const first = machines.find(({ labels }) => clientTokenIn(labels) === request.clientToken);
    if (first) return first.id;
    requireRoom(limit, usedOf({ machines, volumes: [], networks: [] }), oneOf(request.size));
    const known = request.networkIds?.length ? await networks.list({ token: { value: '' }, signal }) : [];
    const addresses = chooseAddresses(request.networkIds ?? [], known, machines.flatMap(({ labels }) => addressesIn(labels)));
    return await placeContainer({ containers, own, name: nameFor(own, request.clientToken), spec: machineSpec(own, options.machine, request, addresses), image: request.image, signal });
  };

  const create = async (request: InstanceRequest, signal: AbortSignal): Promise<Machine> => {
    for (let attempt = 1; ; attempt += 1) {
      const before = await shelf.get(nameFor(own, request.clientToken), signal);
      if (before) return before;
      const id = await turns.take(signal, () => place(request, signal));
      try {
        await shelf.launch(id, signal);
        const made = await shelf.get(id, signal);
        if (made) return made;
        throw new FogbowError('cloud-unavailable', 'The container was removed while it was made.');
      } catch (error) {
        if (!isFogbowError(error) || !['cloud-rejected', 'conflict'].includes(error.code)) throw error;
        // What the engine will refuse again must not stay; an address that is taken is chosen anew.
        await containers.remove(id, signal);
        if (error.code === 'conflict' && attempt < ADDRESS_TRIES) continue;
        throw error.code === 'conflict' ? new FogbowError('cloud-unavailable', error.message, { cause: error }) : error;
      }
    }
  };

  return {
    capabilities: { ...DEFAULT_CAPABILITIES, bootsUserData: true, atomicCreate: true },
    async create(request, { signal }) {
      requireClientToken(request.clientToken);
      return asInstance(await create(request, signal));
    },
    find: async (clientToken, { signal }) => optionalInstance(await shelf.get(nameFor(own, clientToken), signal)),
    describe: async (id, { signal }) => (isContainerId(id) ? optionalInstance(await shelf.get(id, signal)) : undefined),
    list: async ({ signal }) => (await shelf.all(signal)).map(asInstance),
    async remove(id, { signal }) {
      if (await isOurContainer(id, signal)) await containers.remove(id, signal);
    },
    async quota(call) {
      const [machines, disks, nets] = await Promise.all([shelf.all(call.signal), volumes.list(call), networks.list(call)]);
      return { limit, used: usedOf({ machines: machines.map(({ facts }) => facts), volumes: disks, networks: nets }) };
    },
  };
}

/** The engine also takes names and beginnings of ids, which are no ids of ours. */
export const isContainerId = (id: string): boolean => /^[0-9a-f]{64}$/.test(id);

const optionalInstance = (machine: Machine | undefined): Instance | undefined => machine && asInstance(machine);

const SSH_PORT = 22;

function asInstance({ facts: { id, labels, createdAt, address }, standing: { state, fault } }: Machine): Instance {
  const networks = addressesIn(labels);
  return {
    id, clientToken: clientTokenIn(labels), state, size: sizeIn(labels), createdAt,
    ...(address === undefined ? {} : { localAddress: `${address}:${SSH_PORT}` }), ...(networks.length > 0 ? { networks } : {}), ...(fault === undefined ? {} : { fault }),
  };
}
