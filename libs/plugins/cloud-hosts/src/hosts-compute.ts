import { DEFAULT_CAPABILITIES, FogbowError, createKeyedTurns } from '@fogbow/plugin-contracts';
import type { ComputeCloud, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import type { Size } from '@fogbow/request-model';
import { askAll, heard } from './fleet.js';
import type { Host } from './fleet.js';
import type { Machine } from './host-machines.js';
import type { HostsOptions } from './hosts-options.js';
import { quotaOf } from './hosts-quota.js';
import { parseId, requireClientToken } from './machine-record.js';
import { placeMachine } from './place-machine.js';

/**
 * Machines as processes of QEMU on hosts. A host makes one machine of a name, by a rename; which host a name belongs to is claimed before any host
 * is asked. So overlapping creates yield one machine, from whichever process they come.
 */
export function createHostsCompute(options: HostsOptions, hosts: readonly Host[]): ComputeCloud {
  const { claims } = options;
  const turns = createKeyedTurns();
  const named = (name: string | undefined): Host | undefined => hosts.find(({ spec }) => spec.name === name);

  /** The machine of a token, and whether a host that cannot be asked may have it. */
  const find = async (clientToken: string, signal: AbortSignal): Promise<Machine | undefined> => {
    const claimed = named(claims.read(clientToken));
    if (claimed) return (await claimed.machines.look(signal, clientToken))[0];
    // Nobody ever asked for it here, or the claims were lost: then the hosts that answer know best.
    const answers = await askAll(hosts, (host) => host.machines.look(signal, clientToken));
    return answers.flatMap((answer) => ('value' in answer ? answer.value : []))[0];
  };

  const create = async (request: InstanceRequest, signal: AbortSignal): Promise<Machine> => {
    const before = await find(request.clientToken, signal);
    if (before) return before;
    const host = await placeMachine(options, hosts, request, signal);
    const [made] = await host.machines.look(signal, request.clientToken);
    if (made) return made;
    throw new FogbowError('cloud-unavailable', 'The machine was removed, or is made by another process, while it was asked for.');
  };

  return {
    capabilities: { ...DEFAULT_CAPABILITIES, bootsUserData: true, atomicCreate: true },
    create: (request, { signal }) => turns(request.clientToken, async () => {
      requireFitting(request);
      return asInstance(await create(request, signal));
    }),
    async find(clientToken, { signal }) {
      const found = await find(clientToken, signal);
      return found && asInstance(found);
    },
    async describe(id, { signal }) {
      const found = await named(parseId(id)?.host)?.machines.get(id, signal);
      return found && asInstance(found);
    },
    // Machines of a host that does not answer are missing here; who asks for one of them by its id is told that it cannot be known.
    list: async ({ signal }) => heard(await askAll(hosts, (host) => host.machines.look(signal))).flatMap(({ value }) => value.map(asInstance)),
    async remove(id, { signal }) {
      const name = parseId(id);
      const host = named(name?.host);
      if (!name || !host) return;
      await turns(name.clientToken, async () => {
        await host.machines.remove(id, signal);
        claims.drop(name.clientToken, name.host);
      });
    },
    quota: ({ signal }) => quotaOf(options, hosts, signal),
  };
}

function requireFitting({ clientToken, userData, size, networkIds }: InstanceRequest): void {
  requireClientToken(clientToken);
  if (userData.some(({ contentType }) => !/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(contentType))) throw new FogbowError('cloud-rejected', 'A part of the user data has no proper content type.');
  if (!isWhole(size)) throw new FogbowError('cloud-rejected', 'A machine has at least one MB of memory and one GB of disk, in whole numbers.');
  if (networkIds?.length) throw new FogbowError('not-found', 'This cloud has no private networks.');
}

const isWhole = ({ vcpu, ramMb, diskGb }: Size): boolean => vcpu > 0 && [ramMb, diskGb].every((amount) => Number.isInteger(amount) && amount > 0);

function asInstance({ record: { id, clientToken, size, createdAt }, state, fault }: Machine): Instance {
  return { id, clientToken, size, state, createdAt: new Date(createdAt), ...(fault === undefined ? {} : { fault }) };
}
