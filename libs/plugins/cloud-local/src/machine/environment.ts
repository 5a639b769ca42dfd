import { existsSync } from 'node:fs';
import type { MachineFolder, MachineRecord } from '../machine-folder.js';
import { MACHINE_VARIABLE } from '../machine-processes.js';

export type Environment = Readonly<Record<string, string>>;

export const SHELL = existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';

/** What every process of the machine finds in its environment. */
export function machineEnvironment(folder: MachineFolder, record: MachineRecord, sshPort: number): Environment {
  const inherited = Object.fromEntries(['PATH', 'LANG'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
  return {
    ...inherited,
    [MACHINE_VARIABLE]: record.id,
    HOME: folder.home,
    USER: record.sshUsername,
    LOGNAME: record.sshUsername,
    SHELL,
    HOSTNAME: record.clientToken,
    FOGBOW_LOCAL_SSH_PORT: String(sshPort),
    FOGBOW_STATE_DIR: folder.state,
    FOGBOW_ADDRESSES: (record.networks ?? []).map(({ address }) => address).join(' '),
  };
}
