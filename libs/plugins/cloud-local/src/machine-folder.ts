import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Size } from '@fogbow/request-model';
import type { ProcessIdentity } from './process-identity.js';

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
}

/** Written by the machine when its SSH server listens; it counts for the process named in it only. */
export interface ReadyRecord extends ProcessIdentity {
  readonly sshPort: number;
}

const CLIENT_TOKEN = /^[a-z0-9](?:[a-z0-9-]{0,62})$/;

export function isClientToken(text: string): boolean {
  return CLIENT_TOKEN.test(text);
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
    exists: (): boolean => existsSync(path),
    record: (): MachineRecord | undefined => readJson<MachineRecord>(at('machine.json')),
    userData: (): string => readText(at('user-data')) ?? '',
    process: (): ProcessIdentity | undefined => readJson<ProcessIdentity>(at('process.json')),
    ready: (): ReadyRecord | undefined => readJson<ReadyRecord>(at('ready')),
    isHostStopped: (): boolean => existsSync(at('host-stopped')),
    writeProcess: (identity: ProcessIdentity): void => writeWhole(at('process.json'), JSON.stringify(identity)),
    writeReady: (ready: ReadyRecord): void => writeWhole(at('ready'), JSON.stringify(ready)),
    markHostStopped: (): void => writeWhole(at('host-stopped'), ''),
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

export function folderOf(directory: string, name: string): MachineFolder {
  return machineFolder(join(machinesPath(directory), name));
}

export function foldersIn(directory: string): MachineFolder[] {
  return namesIn(directory, (name) => !name.startsWith('.')).sort().map((name) => folderOf(directory, name));
}

/** Write beside, then rename: a reader sees the old text or the new one. */
export function writeWhole(file: string, text: string): void {
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, file);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readJson<Value>(file: string): Value | undefined {
  const text = readText(file);
  return text === undefined ? undefined : (JSON.parse(text) as Value);
}
