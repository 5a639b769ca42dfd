import { existsSync } from 'node:fs';
import type { SettingValues } from '@fogbow/plugin-contracts';

/** What a host gives at most; counted by what machines were made with. */
export interface HostCapacity {
  readonly machines: number;
  readonly vcpu: number;
  readonly ramMb: number;
  readonly diskGb: number;
}

/** One host of the setting `hosts`. */
export interface HostSpec {
  readonly name: string;
  /** `local`, or `ssh://user@host:port`. */
  readonly at: string;
  /** Absolute path of a folder there. */
  readonly directory: string;
  readonly keyFile?: string;
  readonly hostKey?: string;
  readonly capacity: HostCapacity;
}

const NAME = /^[a-z0-9]{1,20}$/;
/** Sockets are below the folder, and the path of a Unix socket has at most 107 bytes. */
const FOLDER = /^(?:\/[A-Za-z0-9._-]+){1,20}$/;
const LONGEST_FOLDER = 80;
const HOST_KEY = /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]+=*(?: .*)?$/;
const CAPACITY = ['machines', 'vcpu', 'ramMb', 'diskGb'] as const;
const KEYS: readonly string[] = ['at', 'directory', 'keyFile', 'hostKey', ...CAPACITY];

type Entry = Readonly<Record<string, unknown>>;

/** The hosts of checked settings. */
export function hostsOf(values: SettingValues): HostSpec[] {
  return Object.entries((values['hosts'] ?? {}) as Readonly<Record<string, Entry>>).map(([name, given]) => ({
    name, at: String(given['at']), directory: String(given['directory']),
    ...(given['keyFile'] === undefined ? {} : { keyFile: String(given['keyFile']) }), ...(given['hostKey'] === undefined ? {} : { hostKey: String(given['hostKey']) }),
    capacity: Object.fromEntries(CAPACITY.map((key) => [key, Number(given[key])])) as unknown as HostCapacity,
  }));
}

/** Each a whole sentence. */
export function hostFaults(values: SettingValues): string[] {
  const hosts = Object.entries((values['hosts'] ?? {}) as Readonly<Record<string, unknown>>);
  if (hosts.length === 0) return ['hosts must name at least one host.'];
  return hosts.flatMap(([name, given]) => {
    if (!NAME.test(name)) return [`hosts: the name ${JSON.stringify(name)} is not 1 to 20 of a-z and 0-9.`];
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return [`hosts: ${name} must be a map with at, directory and what the host gives.`];
    return entryFaults(given as Entry).map((fault) => `hosts: ${name}: ${fault}`);
  });
}

function entryFaults(entry: Entry): string[] {
  const { at, directory } = entry;
  const isFolder = typeof directory === 'string' && FOLDER.test(directory) && directory.length <= LONGEST_FOLDER && !/\/\.{1,2}(?:\/|$)/.test(directory);
  return [
    ...Object.keys(entry).filter((key) => !KEYS.includes(key)).map((key) => `${key} is not known; there are ${KEYS.join(', ')}.`),
    ...(isFolder ? [] : [`directory must be an absolute path of letters, digits, dots and dashes, at most ${LONGEST_FOLDER} characters.`]),
    ...CAPACITY.filter((key) => !Number.isInteger(entry[key]) || Number(entry[key]) < 0).map((key) => `${key} must be a whole number: what the host gives at most.`),
    ...(at === 'local' ? [] : sshFaults(entry)),
  ];
}

function sshFaults({ at, keyFile, hostKey }: Entry): string[] {
  if (!parseSsh(at)) return ['at must be local, or ssh://user@host or ssh://user@host:port.'];
  return [
    ...(typeof keyFile !== 'string' ? ['a host reached by ssh needs keyFile, our private key.'] : existsSync(keyFile) ? [] : [`keyFile names a file that is not there: ${keyFile}.`]),
    ...(typeof hostKey === 'string' && HOST_KEY.test(hostKey) ? [] : ['a host reached by ssh needs hostKey, a line such as "ssh-ed25519 AAAA…"; ssh-keyscan shows it, and somebody should compare it.']),
  ];
}

export function parseSsh(at: unknown): { readonly host: string; readonly port: number; readonly username: string } | undefined {
  if (typeof at !== 'string' || !URL.canParse(at)) return undefined;
  const { protocol, hostname, port, username, password, pathname, search } = new URL(at);
  if (protocol !== 'ssh:' || hostname === '' || username === '' || password !== '' || !['', '/'].includes(pathname) || search !== '') return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 22 : Number(port), username: decodeURIComponent(username) };
}
