import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Size } from '@fogbow/request-model';
import type { ProcessIdentity } from './process-identity.js';
import { readJson, readText, writeWhole } from './whole-file.js';

/** What a machine is; written once, before the machine exists. */
export interface MachineRecord {
  /** Client token, a dash and eight hexadecimal digits: the folder follows from it, and no id is ever used twice. */
  readonly id: string;
  readonly clientToken: string;
  readonly size: Size;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The user of keys that the user data gives to nobody by name. */
  readonly sshUsername: string;
  readonly networks?: readonly MachineAddress[];
}

/** An address that the machine has for life. */
export interface MachineAddress {
  readonly networkId: string;
  readonly address: string;
  /** The port on which its SSH server listens there; absent on a static network, where nothing does by itself. */
  readonly sshPort?: number;
}

/** Written by the machine when its SSH server listens; it counts for the process named in it only. */
export interface ReadyRecord extends ProcessIdentity {
  readonly sshPort: number;
  /** Public half of its host key, as an OpenSSH line. */
  readonly sshHostKey?: string;
}

/** Characters of a console that a log line takes. */
const CONSOLE_END = 1000;

const CLIENT_TOKEN = /^[a-z0-9](?:[a-z0-9-]{0,62})$/;

export function isClientToken(text: string): boolean {
  return CLIENT_TOKEN.test(text);
}

export function requireClientToken(text: string): void {
  if (!isClientToken(text)) throw new FogbowError('cloud-rejected', 'A client token is 1 to 63 of a-z, 0-9 and dash.');
}

/** The client token inside an id; undefined for what cannot be an id, so no id ever leads out of the directory. */
export function clientTokenOf(id: string): string | undefined {
  const token = /^(.+)-[0-9a-f]{8}$/.exec(id)?.[1];
  return token !== undefined && isClientToken(token) ? token : undefined;
}

/** The files of one machine. All texts are written whole or not at all. */
export function machineFolder(path: string) {
  const at = (name: string): string => join(path, name);
  return {
    path,
    home: at('home'),
    state: at('state'),
    console: at('console.log'),
    hostKey: at('host-key'),
    /** Its last words. */
    consoleEnd: (): string => (readText(at('console.log')) ?? '').slice(-CONSOLE_END).trim(),
    exists: (): boolean => existsSync(path),
    record: (): MachineRecord | undefined => readJson<MachineRecord>(at('machine.json')),
    userData: (): string => readText(at('user-data')) ?? '',
    process: (): ProcessIdentity | undefined => readJson<ProcessIdentity>(at('process.json')),
    ready: (): ReadyRecord | undefined => readJson<ReadyRecord>(at('ready')),
    isHostStopped: (): boolean => existsSync(at('host-stopped')),
    writeProcess: (identity: ProcessIdentity): void => writeWhole(at('process.json'), JSON.stringify(identity)),
    writeReady: (ready: ReadyRecord): void => writeWhole(at('ready'), JSON.stringify(ready)),
    markHostStopped: (): void => writeWhole(at('host-stopped'), ''),
    isPoweredOff: (): boolean => existsSync(at('powered-off')),
    markPoweredOff: (): void => writeWhole(at('powered-off'), ''),
    clearPoweredOff: (): void => rmSync(at('powered-off'), { force: true }),
    /** Why the last boot came to nothing, in the machine's words. */
    bootFault: (): string | undefined => readText(at('boot-fault')),
    writeBootFault: (text: string): void => writeWhole(at('boot-fault'), text),
    clearBootFault: (): void => rmSync(at('boot-fault'), { force: true }),
    clearHostStopped: (): void => rmSync(at('host-stopped'), { force: true }),
    /** Everything that must be there before the folder gets its name. */
    lay(record: MachineRecord, userData: string): void {
      for (const folder of [path, at('home'), at('state')]) mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeWhole(at('user-data'), userData);
      writeWhole(at('machine.json'), JSON.stringify(record));
    },
  };
}

export type MachineFolder = ReturnType<typeof machineFolder>;

/** Names below `machines/` that are not machines: one being made by a process, and one being taken apart. */
export const MAKING = '.new-';
export const ENDING = '.gone-';

export function machinesPath(directory: string): string {
  return join(directory, 'machines');
}

/** Names in `machines/` that begin so; those of machines begin with no dot. */
export function namesIn(directory: string, belongs: (name: string) => boolean): string[] {
  try {
    return readdirSync(machinesPath(directory)).filter(belongs);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The cloud's directory, of which the folder is a part. */
export function directoryOf(folder: MachineFolder): string {
  return dirname(dirname(folder.path));
}

export function folderOf(directory: string, name: string): MachineFolder {
  return machineFolder(join(machinesPath(directory), name));
}

export function foldersIn(directory: string): MachineFolder[] {
  return namesIn(directory, (name) => !name.startsWith('.')).sort().map((name) => folderOf(directory, name));
}
