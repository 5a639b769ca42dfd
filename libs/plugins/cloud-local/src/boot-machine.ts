import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { MachineFolder } from './machine-folder.js';
import { MACHINE_VARIABLE, processesOf } from './machine-processes.js';
import { bootIdOfHost, identify } from './process-identity.js';

/** Machines get this and nothing of their maker's environment, which holds its secrets. */
const BASE_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/**
 * Starts the machine of a folder as a session of its own, which outlives us. To be called under the lock. If an earlier maker started it
 * and died before it could write that down, the process found by its mark is taken instead of a second one.
 */
export function bootMachine(folder: MachineFolder, id: string, machineProgram: string): void {
  const pid = processesOf(id)[0] ?? spawnMachine(folder, id, machineProgram);
  folder.writeProcess(identify(pid) ?? { pid, startTicks: 'ended', bootId: bootIdOfHost() });
}

function spawnMachine(folder: MachineFolder, id: string, machineProgram: string): number {
  const console = openSync(folder.console, 'a', 0o600);
  try {
    const child = spawn(process.execPath, ['--max-old-space-size=96', '--max-semi-space-size=1', machineProgram, folder.path], {
      detached: true, stdio: ['ignore', console, console], cwd: folder.home, env: { ...BASE_ENVIRONMENT, [MACHINE_VARIABLE]: id },
    });
    child.on('error', () => undefined); // No process: the record says so, and the machine counts as dead.
    child.unref();
    return child.pid ?? 0;
  } finally {
    closeSync(console);
  }
}
