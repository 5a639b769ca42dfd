import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** DIR/federation.json as the launcher writes it: what runs where. */
export interface FederationFile {
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
  readonly cloud: { readonly plugin: string; readonly controlUrl?: string; readonly directory?: string };
}

export interface FederationProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  readonly configFile?: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly healthUrl?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export function readFederationFile(data: string): FederationFile {
  return JSON.parse(readFileSync(join(data, 'federation.json'), 'utf8')) as FederationFile;
}

export function memberOf(file: FederationFile, name: string): FederationMember {
  const member = file.members.find((one) => one.name === name);
  if (!member) throw new Error(`There is no member ${name} in federation.json.`);
  return member;
}

export function processOf(file: FederationFile, name: string): FederationProcess {
  const found = file.processes.find((one) => one.name === name);
  if (!found) throw new Error(`There is no process ${name} in federation.json.`);
  return found;
}
