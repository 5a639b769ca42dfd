import type { PluginLog } from '@fogbow/plugin-contracts';
import type { Amount } from '@fogbow/request-model';
import type { DirectoryLock } from './directory-lock.js';

/** What all parts of one local cloud share. All truth is in the directory, so any number of Managers may share it. */
export interface LocalCloudOptions {
  readonly directory: string;
  readonly lock: DirectoryLock;
  readonly machineProgram: string;
  readonly limit: Amount;
  readonly sshUsername: string;
  /** Where machines listen on their addresses in networks. */
  readonly networkSshPort: number;
  readonly log: PluginLog;
  now(): Date;
}
