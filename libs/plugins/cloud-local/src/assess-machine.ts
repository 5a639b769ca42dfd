import type { ProcessIdentity } from './process-identity.js';
import { isSameProcess } from './process-identity.js';
import type { ReadyRecord } from './machine-folder.js';

/** What the files of a machine and the process table say. */
export interface MachineFacts {
  readonly process: ProcessIdentity | undefined;
  readonly isAlive: boolean;
  readonly ready: ReadyRecord | undefined;
  /** Its process is halted by a signal. */
  readonly isHalted: boolean;
  readonly isPoweredOff: boolean;
  readonly isHostStopped: boolean;
  /** Its last boot said why it came to nothing. */
  readonly hasFault: boolean;
  readonly bootId: string;
}

/**
 * `unstarted`: made, but its maker died before it started it · `booting`, `running`, `suspended`: as they say · `off`: its user switched it
 * off · `stopped`: the host took it down and brings it back · `failed`: its boot said why not · `dead`: it ended by itself or was killed.
 */
export type MachineStatus = 'unstarted' | 'booting' | 'running' | 'suspended' | 'off' | 'stopped' | 'failed' | 'dead';

export function assessMachine(facts: MachineFacts): MachineStatus {
  const { process, ready } = facts;
  if (process && facts.isAlive) {
    if (facts.isHalted) return 'suspended';
    return ready && isSameProcess(ready, process) ? 'running' : 'booting';
  }
  if (facts.isPoweredOff) return 'off';
  if (facts.isHostStopped) return 'stopped';
  if (!process) return 'unstarted';
  if (process.bootId !== facts.bootId) return 'stopped';
  return facts.hasFault ? 'failed' : 'dead';
}
