import { DEFAULT_CAPABILITIES, FogbowError } from '@fogbow/plugin-contracts';
import type { ComputeCloud, Instance, InstanceRequest, InstanceState } from '@fogbow/plugin-contracts';
import { oneOf, shortages } from '@fogbow/request-model';
import type { MachineStatus } from './assess-machine.js';
import type { LocalCloudOptions } from './local-options.js';
import { usedOf } from './local-quota.js';
import { clearLostVolumes } from './local-volumes.js';
import { clientTokenOf, folderOf, isClientToken, requireClientToken } from './machine-folder.js';
import { bury, makeMachine, retire, sight, sightAll, startIfDue } from './machine-host.js';
import type { Sighting } from './machine-host.js';
import { chooseAddresses } from './network-addresses.js';

export interface LocalCompute extends ComputeCloud {
  /** Boots what a stop of the host took down, finishes what a dead Manager began. */
  startHost(signal: AbortSignal): Promise<void>;
}

/** Machines as processes of this host. All truth is in the directory, so any number of Managers may share it. */
export function createLocalCompute(options: LocalCloudOptions): LocalCompute {
  const { directory, machineProgram, lock, limit, log } = options;

  /** The machine if it lives. An unstarted one is started, a dead one is cleared away; both only after a second look under the lock. */
  const settle = async (seen: Sighting | undefined, signal: AbortSignal): Promise<Sighting | undefined> => {
    if (seen?.status !== 'unstarted' && seen?.status !== 'dead') return seen;
    const settled = await lock.hold(signal, () => {
      const now = sight(seen.folder);
      if (now) startIfDue(now, machineProgram);
      if (now?.status !== 'dead') return now;
      log.warn('a machine has ended by itself and is cleared away', { machine: now.record.id, console: now.folder.consoleEnd() });
      retire(directory, now);
      return undefined;
    });
    if (!settled) await bury(directory);
    return settled;
  };
  const settleAll = async (signal: AbortSignal): Promise<Sighting[]> => {
    const settled = await Promise.all(sightAll(directory).map((seen) => settle(seen, signal)));
    return settled.flatMap((seen) => seen ?? []);
  };
  const settleOne = (clientToken: string, signal: AbortSignal): Promise<Sighting | undefined> =>
    settle(isClientToken(clientToken) ? sight(folderOf(directory, clientToken)) : undefined, signal);

  return {
    capabilities: { ...DEFAULT_CAPABILITIES, bootsUserData: true, atomicCreate: true },
    async create(request, { signal }) {
      refuseWhenUnfit(request);
      const before = await settleOne(request.clientToken, signal);
      return asInstance(before ?? await lock.hold(signal, () => createUnderLock(options, request)));
    },
    find: async (clientToken, { signal }) => optionalInstance(await settleOne(clientToken, signal)),
    async describe(id, { signal }) {
      const seen = await settleOne(clientTokenOf(id) ?? '', signal);
      return seen?.record.id === id ? asInstance(seen) : undefined;
    },
    list: async ({ signal }) => (await settleAll(signal)).map(asInstance),
    async remove(id, { signal }) {
      const folder = folderOf(directory, clientTokenOf(id) ?? '.none');
      await lock.hold(signal, () => {
        const seen = sight(folder);
        if (seen?.record.id === id) retire(directory, seen);
      });
      await bury(directory);
    },
    quota: async ({ signal }) => ({ limit, used: usedOf(directory, await settleAll(signal)) }),
    async startHost(signal) {
      await lock.hold(signal, () => {
        clearLostVolumes(directory);
        for (const seen of sightAll(directory)) startIfDue(seen, machineProgram, true);
      });
      await settleAll(signal);
      await bury(directory);
    },
  };
}

async function createUnderLock(options: LocalCloudOptions, request: InstanceRequest): Promise<Sighting> {
  const { directory, machineProgram, limit, sshUsername, networkSshPort } = options;
  const now = sight(folderOf(directory, request.clientToken));
  if (now && now.status !== 'dead') return now;
  if (now) retire(directory, now);
  const used = usedOf(directory, sightAll(directory).filter(({ status }) => status !== 'dead'));
  const short = shortages({ limit, used }, oneOf(request.size));
  if (short.length > 0) throw new FogbowError('quota-exceeded', `The local cloud has no room: ${short.join(', ')}.`);
  const networks = await chooseAddresses(directory, request.networkIds ?? [], networkSshPort);
  const made = makeMachine(directory, request, { now: options.now(), sshUsername, networks });
  startIfDue(made, machineProgram);
  return made;
}

function refuseWhenUnfit({ clientToken, userData }: InstanceRequest): void {
  requireClientToken(clientToken);
  const unfit = userData.find(({ contentType }) => !/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(contentType));
  if (unfit) throw new FogbowError('cloud-rejected', 'A part of the user data has no proper content type.');
}

const STATES: { readonly [Status in MachineStatus]: InstanceState } = {
  unstarted: 'inactive', booting: 'inactive', running: 'active', suspended: 'suspended', off: 'inactive', stopped: 'inactive', failed: 'failed', dead: 'failed',
};

const optionalInstance = (seen: Sighting | undefined): Instance | undefined => seen && asInstance(seen);

function asInstance({ record, status, sshPort, sshHostKey, fault }: Sighting): Instance {
  const { id, clientToken, size, createdAt, networks } = record;
  return {
    id, clientToken, size, createdAt: new Date(createdAt), state: STATES[status],
    ...(sshPort === undefined ? {} : { localAddress: `127.0.0.1:${sshPort}` }),
    ...(sshHostKey === undefined ? {} : { sshHostKey }),
    ...(networks ? { networks: networks.map(({ networkId, address }) => ({ networkId, address })) } : {}),
    ...(fault === undefined ? {} : { fault }),
  };
}
