import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from './write-atomically.js';

/** What runs where, for scripts and tests: DIR/federation.json. Holds tokens, so only the owner may read it. */
export interface FederationFile {
  /** True from the moment when everything was healthy until the stop begins. */
  readonly running: boolean;
  readonly startedAt: string;
  readonly launcherPid: number;
  readonly members: readonly FederationMember[];
  readonly processes: readonly FederationProcess[];
  readonly postgres: { readonly url: string };
  readonly redis: { readonly url: string; readonly kind: string };
}

export interface FederationMember {
  readonly id: string;
  readonly name: string;
  readonly managerUrl: string;
  readonly users: readonly { readonly name: string; readonly token: string }[];
  readonly tunnel: { readonly host: string; readonly sshPort: number; readonly portsFrom: number; readonly portsTo: number; readonly httpUrl: string };
  readonly xmpp: { readonly jid: string; readonly host: string; readonly port: number };
  /** `controlUrl` for the fake cloud, `directory` for the embedded one. */
  readonly cloud: { readonly plugin: string; readonly controlUrl?: string; readonly directory?: string };
}

/** Enough to kill a process and to start it again exactly as it was. */
export interface FederationProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly configFile?: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly healthUrl?: string;
  /** User and group, where the process runs as another than the launcher. */
  readonly uid?: number;
  readonly gid?: number;
}

const pathOf = (data: string): string => join(data, 'federation.json');

export function readFederation(data: string): FederationFile | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(data), 'utf8')) as FederationFile;
  } catch {
    return undefined;
  }
}

export function writeFederation(data: string, file: FederationFile): void {
  writeAtomically(pathOf(data), `${JSON.stringify(file, undefined, 2)}\n`);
}
