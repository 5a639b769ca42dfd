import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCredentials, SettingValues } from '@fogbow/plugin-contracts';
import { DEFAULT_ACCOUNT } from '../credentials/map-account.js';
import { readCredentials } from '../credentials/read-credentials.js';
import { isCloudName } from './ids-of-cloud.js';

/** One cloud of the configuration. */
export interface ConfiguredCloud {
  readonly name: string;
  /** `cloud.plugin` and `cloud.settings` are those of this cloud. */
  readonly values: SettingValues;
  /** Credentials by account; the shared one first. */
  readonly accounts: ReadonlyMap<string, ReadAccount>;
}

/** Reads them anew, since files with secrets change while we run. Throws cloud-unauthorized where one cannot be read. */
export type ReadAccount = () => CloudCredentials;

const KEYS = ['plugin', 'settings', 'credentials', 'accounts'] as const;
type FurtherCloud = Readonly<Partial<Record<(typeof KEYS)[number], unknown>>>;

/** All clouds of the configuration: that of `cloud.plugin`, then those of `cloud.more`. */
export function readClouds(raw: SettingValues): readonly ConfiguredCloud[] {
  const first = { name: String(raw['cloud.name']), values: raw, accounts: accountsOf('cloud', raw['cloud.credentials'], raw['cloud.accounts']) };
  return [first, ...furtherClouds(raw).map(([name, given]) => ({ name, values: valuesOf(raw, given), accounts: accountsOf(`cloud.more.${name}`, given.credentials ?? {}, given.accounts ?? {}) }))];
}

/** What is wrong with `cloud.more`; `faultsOf` tells what is wrong with the plugin that `cloud.plugin` of the values names. */
export function cloudFaults(raw: SettingValues, faultsOf: (values: SettingValues) => readonly string[]): string[] {
  const first = String(raw['cloud.name']);
  return [
    ...(isCloudName(first) ? [] : [`cloud.name ${first} ${NAME_RULE}`]),
    ...furtherClouds(raw).flatMap(([name, given]) => {
      const key = `cloud.more.${name}`;
      if (!isMap(given)) return [`${key} must be a map with ${KEYS.join(', ')}.`];
      const faults = [...(isCloudName(name) ? [] : [`${key}: the name ${NAME_RULE}`]), ...(name === first ? [`${key}: the first cloud has that name already (cloud.name).`] : []), ...shapeFaults(key, given)];
      if (faults.length > 0) return faults;
      return [...faultsOf(valuesOf(raw, given)).map((fault) => fault.replace(/^cloud\./, `${key}.`)), ...credentialFaults(key, given, raw['cloud.mapper'] === 'single')];
    }),
  ];
}

const NAME_RULE = 'must begin with a letter and have at most 31 of a-z, 0-9 and "-".';
const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const furtherClouds = (raw: SettingValues): [string, FurtherCloud][] => Object.entries(raw['cloud.more'] as Record<string, FurtherCloud>);
const valuesOf = (raw: SettingValues, { plugin, settings }: FurtherCloud): SettingValues => ({ ...raw, 'cloud.plugin': plugin, 'cloud.settings': settings ?? {} });

function shapeFaults(key: string, given: Record<string, unknown>): string[] {
  return [
    ...Object.keys(given).filter((name) => !(KEYS as readonly string[]).includes(name)).map((name) => `${key}.${name} is not known; there are ${KEYS.join(', ')}.`),
    ...(typeof given['plugin'] === 'string' ? [] : [`${key}.plugin is missing.`]),
    ...(['settings', 'credentials', 'accounts'] as const).filter((name) => given[name] !== undefined && !isMap(given[name])).map((name) => `${key}.${name} must be a map.`),
  ];
}

function credentialFaults(key: string, { credentials = {}, accounts = {} }: FurtherCloud, isSingle: boolean): string[] {
  const own = Object.entries(accounts as Record<string, unknown>);
  return [
    ...readCredentials(credentials, `${key}.credentials`).faults,
    ...own.flatMap(([name, given]) => readCredentials(given, `${key}.accounts.${name}`).faults),
    ...(isSingle && own.length > 0 ? [`${key}.accounts is of no use with cloud.mapper single; choose member or user.`] : []),
    ...(own.some(([name]) => name === DEFAULT_ACCOUNT) ? [`${key}.accounts.${DEFAULT_ACCOUNT}: that account is ${key}.credentials.`] : []),
  ];
}

function accountsOf(key: string, shared: unknown, own: unknown): ReadonlyMap<string, ReadAccount> {
  const others = Object.entries(own as Record<string, unknown>).map(([name, given]) => [name, given, `${key}.accounts.${name}`] as const);
  return new Map([[DEFAULT_ACCOUNT, shared, `${key}.credentials`] as const, ...others].map(([name, given, where]) => [name, () => {
    const { credentials, faults } = readCredentials(given, where);
    if (faults.length > 0) throw new FogbowError('cloud-unauthorized', faults.join(' '));
    return credentials;
  }]));
}
