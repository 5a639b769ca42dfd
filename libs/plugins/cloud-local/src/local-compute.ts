import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { DEFAULT_CAPABILITIES, FogbowError } from '@fogbow/plugin-contracts';
import type { ComputeCloud, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import { NOTHING, oneOf, plus, shortages } from '@fogbow/request-model';
import type { Amount, Quota } from '@fogbow/request-model';
import { createDirectoryLock } from './directory-lock.js';
import { clientTokenOf, folderOf, isClientToken } from './machine-folder.js';
import { bury, makeMachine, retire, sight, sightAll, startIfDue } from './machine-host.js';
import type { Sighting } from './machine-host.js';

export interface LocalComputeOptions {
  readonly directory: string;
  readonly machineProgram: string;
  readonly limit: Amount;
  readonly sshUsername: string;
  now(): Date;
}

export interface LocalCompute extends ComputeCloud {
  /** Boots what a stop of the host took down, finishes what a dead Manager began. */
  startHost(signal: AbortSignal): Promise<void>;
}

/** Machines as processes of this host. All truth is in the directory, so any number of Managers may share it. */
export function createLocalCompute(options: LocalComputeOptions): LocalCompute {
  const { directory, machineProgram } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = createDirectoryLock(join(directory, 'lock'));

  /** The machine if it lives. An unstarted one is started, a dead one is cleared away; both only after a second look under the lock. */
  const settle = async (seen: Sighting | undefined, signal: AbortSignal): Promise<Sighting | undefined> => {
    if (seen?.status !== 'unstarted' && seen?.status !== 'dead') return seen;
    const settled = await lock.hold(signal, () => {
      const now = sight(seen.folder);
      if (now) startIfDue(now, machineProgram);
      if (now?.status !== 'dead') return now;
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
    quota: async ({ signal }) => quotaOf(options.limit, await settleAll(signal)),
    async startHost(signal) {
      await lock.hold(signal, () => sightAll(directory).forEach((seen) => startIfDue(seen, machineProgram, true)));
      await settleAll(signal);
      await bury(directory);
    },
  };
}

function createUnderLock(options: LocalComputeOptions, request: InstanceRequest): Sighting {
  const { directory, machineProgram, limit } = options;
  const now = sight(folderOf(directory, request.clientToken));
  if (now && now.status !== 'dead') return now;
  if (now) retire(directory, now);
  const quota = quotaOf(limit, sightAll(directory).filter(({ status }) => status !== 'dead'));
  const short = shortages(quota, oneOf(request.size));
  if (short.length > 0) throw new FogbowError('quota-exceeded', `The local cloud has no room: ${short.join(', ')}.`);
  const made = makeMachine(directory, request, { now: options.now(), sshUsername: options.sshUsername });
  startIfDue(made, machineProgram);
  return made;
}

function refuseWhenUnfit({ clientToken, userData }: InstanceRequest): void {
  if (!isClientToken(clientToken)) throw new FogbowError('cloud-rejected', 'A client token is 1 to 63 of a-z, 0-9 and dash.');
  const unfit = userData.find(({ contentType }) => !/^[a-z0-9.+-]+\/[a-z0-9.+-]+$/.test(contentType));
  if (unfit) throw new FogbowError('cloud-rejected', 'A part of the user data has no proper content type.');
}

function quotaOf(limit: Amount, machines: readonly Sighting[]): Quota {
  return { limit, used: machines.reduce((sum, { record }) => plus(sum, oneOf(record.size)), NOTHING) };
}

const optionalInstance = (seen: Sighting | undefined): Instance | undefined => seen && asInstance(seen);

function asInstance({ record, status, sshPort }: Sighting): Instance {
  const { id, clientToken, size, createdAt } = record;
  return {
    id, clientToken, size, createdAt: new Date(createdAt),
    state: status === 'running' ? 'active' : 'inactive',
    ...(sshPort === undefined ? {} : { localAddress: `127.0.0.1:${sshPort}` }),
  };
}
