import type { ProcessIdentity } from './process-identity.js';
import { isSameProcess } from './process-identity.js';
import type { ReadyRecord } from './machine-folder.js';

/** What the files of a machine and the process table say. */
export interface MachineFacts {
  readonly process: ProcessIdentity | undefined;
  readonly isAlive: boolean;
  readonly ready: ReadyRecord | undefined;
  readonly isHostStopped: boolean;
  readonly bootId: string;
}

/**
 * `unstarted`: made, but its maker died before it started it · `booting`, `running`: as they say · `stopped`: the host took it down and
 * brings it back · `dead`: it ended by itself or was killed, and stays away.
 */
export type MachineStatus = 'unstarted' | 'booting' | 'running' | 'stopped' | 'dead';

export function assessMachine({ process, isAlive, ready, isHostStopped, bootId }: MachineFacts): MachineStatus {
  if (process && isAlive) return ready && isSameProcess(ready, process) ? 'running' : 'booting';
  if (isHostStopped) return 'stopped';
  if (!process) return 'unstarted';
  return process.bootId === bootId ? 'dead' : 'stopped';
}
