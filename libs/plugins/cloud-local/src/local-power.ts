import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError, POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { ComputePower, PowerAction } from '@fogbow/plugin-contracts';
import type { MachineStatus } from './assess-machine.js';
import { livingMachine } from './attachment-book.js';
import { createDirectoryLock } from './directory-lock.js';
import { endMachine } from './end-machine.js';
import type { LocalCloudOptions } from './local-options.js';
import { clientTokenOf } from './machine-folder.js';
import { startMachine } from './machine-host.js';
import type { Sighting } from './machine-host.js';
import { processesOf, signalProcess } from './machine-processes.js';
import { statOf } from './process-identity.js';

type Step = 'boot' | 'end' | 'end-and-boot' | 'halt' | 'go-on' | 'stay' | 'conflict';
type Steps = { readonly [Action in PowerAction]: Step };

const ON_ITS_WAY: Steps = { start: 'stay', stop: 'end', restart: 'conflict', suspend: 'conflict' };
const NEVER: Steps = { start: 'conflict', stop: 'conflict', restart: 'conflict', suspend: 'conflict' };

/** docs/contracts/compute-power.md, in the statuses of a local machine. */
const STEPS: { readonly [Status in MachineStatus]: Steps } = {
  unstarted: ON_ITS_WAY,
  booting: ON_ITS_WAY,
  running: { start: 'stay', stop: 'end', restart: 'end-and-boot', suspend: 'halt' },
  suspended: { start: 'go-on', stop: 'end', restart: 'conflict', suspend: 'stay' },
  off: { start: 'boot', stop: 'stay', restart: 'conflict', suspend: 'conflict' },
  stopped: { start: 'boot', stop: 'end', restart: 'conflict', suspend: 'conflict' },
  failed: NEVER,
  dead: NEVER,
};

/** A machine is halted over and over until nothing of it moves, at most this long. */
const HALT_ROUNDS = 100;
const HALT_PAUSE_MS = 10;

/**
 * Switches machines. One action at a time holds the machine's own lock, since ending one takes a while; the lock of the directory is
 * held only where the books change. A machine that is being ended is marked first, so nobody takes it for dead.
 */
export function createLocalPower(options: LocalCloudOptions): ComputePower {
  return {
    actions: POWER_ACTIONS,
    async perform(id, action, { signal }) {
      const clientToken = clientTokenOf(id);
      if (clientToken === undefined) throw unknown(id);
      await createDirectoryLock(join(options.directory, `power-${clientToken}.lock`)).hold(signal, async () => {
        const step = STEPS[machineOf(options, id).status][action];
        if (step === 'conflict') throw new FogbowError('conflict', `The machine cannot ${action} in its present state.`);
        if (step === 'end' || step === 'end-and-boot') await end(options, id, signal);
        if (step === 'boot' || step === 'end-and-boot') await options.lock.hold(signal, () => startMachine(machineOf(options, id), options.machineProgram));
        if (step === 'halt') await halt(id);
        if (step === 'go-on') for (const pid of processesOf(id)) signalProcess(pid, 'SIGCONT');
      });
    },
  };
}

async function end(options: LocalCloudOptions, id: string, signal: AbortSignal): Promise<void> {
  const marked = await options.lock.hold(signal, () => {
    const seen = machineOf(options, id);
    seen.folder.markPoweredOff();
    return seen;
  });
  if (!(await endMachine(marked))) throw new FogbowError('cloud-unavailable', 'Some processes of the machine do not end.');
}

/** Halts every process, also what is started meanwhile; what was halted before stays so. */
async function halt(id: string): Promise<void> {
  for (let round = 0; round < HALT_ROUNDS; round++) {
    const moving = processesOf(id).filter((pid) => statOf(pid)?.state !== 'T');
    if (moving.length === 0) return;
    for (const pid of moving) signalProcess(pid, 'SIGSTOP');
    await delay(HALT_PAUSE_MS);
  }
  for (const pid of processesOf(id)) signalProcess(pid, 'SIGCONT');
  throw new FogbowError('cloud-unavailable', 'Some processes of the machine do not halt; it runs on.');
}

function machineOf({ directory }: LocalCloudOptions, id: string): Sighting {
  const seen = livingMachine(directory, id);
  if (!seen) throw unknown(id);
  return seen;
}

const unknown = (id: string): FogbowError => new FogbowError('not-found', `The local cloud has no machine ${id}.`);
