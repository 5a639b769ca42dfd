import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceRequest } from '@fogbow/plugin-contracts';
import { encodeUserData } from '@fogbow/request-model';
import { assessMachine } from './assess-machine.js';
import type { MachineStatus } from './assess-machine.js';
import { layVolumes } from './attached-volumes.js';
import { bootMachine } from './boot-machine.js';
import { directoryOf, ENDING, folderOf, foldersIn, machineFolder, machinesPath, MAKING, namesIn } from './machine-folder.js';
import type { MachineAddress, MachineFolder, MachineRecord } from './machine-folder.js';
import { killMachine, signalProcess } from './machine-processes.js';
import { bootIdOfHost, identify, isAlive, isHalted } from './process-identity.js';

const END_ROUNDS = 250;
const END_PAUSE_MS = 10;

/** One machine as it is now. */
export interface Sighting {
  readonly folder: MachineFolder;
  readonly record: MachineRecord;
  readonly status: MachineStatus;
  readonly sshPort?: number;
  readonly sshHostKey?: string;
  readonly fault?: string;
}

/** Looks without touching; undefined when the folder is not there, or not any more. */
export function sight(folder: MachineFolder): Sighting | undefined {
  const record = folder.record();
  if (!record) return undefined;
  const [process, ready, fault] = [folder.process(), folder.ready(), folder.bootFault()];
  const alive = process !== undefined && isAlive(process);
  const status = assessMachine({
    process, ready, isAlive: alive, isHalted: alive && isHalted(process), isPoweredOff: folder.isPoweredOff(),
    isHostStopped: folder.isHostStopped(), hasFault: fault !== undefined, bootId: bootIdOfHost(),
  });
  const isUp = (status === 'running' || status === 'suspended') && ready !== undefined;
  return {
    folder, record, status, ...(isUp ? { sshPort: ready.sshPort } : {}), ...(ready?.sshHostKey === undefined ? {} : { sshHostKey: ready.sshHostKey }),
    ...(status === 'failed' && fault !== undefined ? { fault } : {}),
  };
}

export function sightAll(directory: string): Sighting[] {
  return foldersIn(directory).flatMap((folder) => sight(folder) ?? []);
}

/** Under the lock: a folder gets its name when all is in it, so there is never half a machine. Returns it unstarted. */
export function makeMachine(directory: string, request: InstanceRequest, options: { now: Date; sshUsername: string; networks?: readonly MachineAddress[] }): Sighting {
  const record: MachineRecord = {
    id: `${request.clientToken}-${randomBytes(4).toString('hex')}`,
    clientToken: request.clientToken,
    size: request.size,
    createdAt: options.now.toISOString(),
    sshUsername: options.sshUsername,
    ...(options.networks?.length ? { networks: options.networks } : {}),
  };
  mkdirSync(machinesPath(directory), { recursive: true, mode: 0o700 });
  const making = join(machinesPath(directory), `${MAKING}${makerName()}-${record.id}`);
  machineFolder(making).lay(record, encodeUserData(request.userData));
  const folder = folderOf(directory, request.clientToken);
  renameSync(making, folder.path);
  return { folder, record, status: 'unstarted' };
}

/** Under the lock: starts what should run. What was stopped with the host starts only when `hostStarts`. */
export function startIfDue(sighting: Sighting, machineProgram: string, hostStarts = false): void {
  const { status } = sighting;
  if (status === 'unstarted' || ((status === 'stopped' || status === 'failed') && hostStarts)) startMachine(sighting, machineProgram);
  if (hostStarts) sighting.folder.clearHostStopped();
}

/** Under the lock, for a machine that does not run. The marks go last: if we die before, the machine is not taken for dead. */
export function startMachine({ folder, record }: Sighting, machineProgram: string): void {
  folder.clearBootFault();
  layVolumes(directoryOf(folder), record.id, folder.home);
  bootMachine(folder, record.id, machineProgram);
  folder.clearPoweredOff();
}

/** Under the lock: the machine is unknown from here on, and its main process is dead. {@link bury} does the rest, at any time. */
export function retire(directory: string, { folder, record }: Sighting): void {
  const running = folder.process();
  renameSync(folder.path, join(machinesPath(directory), `${ENDING}${record.id}`));
  if (running && isAlive(running)) signalProcess(running.pid, 'SIGKILL');
}

/** Ends all processes of retired machines and deletes their folders, then what makers that died have left half-made. */
export async function bury(directory: string): Promise<void> {
  await Promise.all(namesIn(directory, (name) => name.startsWith(ENDING)).map(async (name) => {
    const folder = folderOf(directory, name);
    if ((await killMachine(name.slice(ENDING.length))) && (await hasEnded(folder))) rmSync(folder.path, { recursive: true, force: true, maxRetries: 5 });
  }));
  for (const name of namesIn(directory, isOrphaned)) rmSync(folderOf(directory, name).path, { recursive: true, force: true });
}

/** Waits until the main process has let go of its files and ports; a killed one shows no environment a little before that. */
export async function hasEnded(folder: MachineFolder): Promise<boolean> {
  const main = folder.process();
  for (let round = 0; main && isAlive(main); round++) {
    if (round === END_ROUNDS) return false;
    await delay(END_PAUSE_MS);
  }
  return true;
}

function makerName(): string {
  return `${process.pid}.${identify(process.pid)?.startTicks}`;
}

function isOrphaned(name: string): boolean {
  const [, pid, startTicks] = /^\.new-(\d+)\.(\d+)-/.exec(name) ?? [];
  return pid !== undefined && identify(Number(pid))?.startTicks !== startTicks;
}
