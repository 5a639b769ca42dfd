import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { Setting, SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { formatDuration, parseSetting } from './parse-setting.js';

export interface ConfigSources {
  /** Path of the YAML file; absent: only environment and defaults. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfig {
  readonly values: SettingValues;
  /** Every fault found, each a whole sentence; empty means that the values can be trusted. */
  readonly faults: readonly string[];
}

/** The environment variable of a setting: `tunnel.redisUrl` → `FOGBOW_TUNNEL_REDIS_URL`. */
export function environmentName(setting: string): string {
  return `FOGBOW_${setting.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[.-]/g, '_').toUpperCase()}`;
}

/** Reads file and environment against a table. Environment beats file beats default; unknown keys are faults. */
export function loadConfig(table: SettingsTable, sources: ConfigSources): LoadedConfig {
  const faults: string[] = [];
  const given = flatten(readYaml(sources.file, faults), table);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const raw = rawValue(name, setting, given, sources.env ?? {}, faults);
    const wanted = raw ?? setting.default;
    if (wanted === undefined || wanted === null) {
      if (!setting.optional) faults.push(`${name} is missing: ${setting.meaning}`);
      continue;
    }
    const parsed = parseSetting(setting, wanted);
    if ('fault' in parsed) faults.push(`${name} ${parsed.fault}, not ${setting.secret ? 'the given value' : JSON.stringify(wanted)}.`);
    else values[name] = parsed.value;
  }
  for (const name of Object.keys(given)) {
    if (!table[name] && !table[name.replace(/File$/, '')]?.secret) faults.push(`${name} is not a setting; see --print-config for all there are.`);
  }
  return { values, faults };
}

/** Validates the settings of a plugin, given as a map in its host's configuration. */
export function loadPluginSettings(table: SettingsTable, raw: Readonly<Record<string, unknown>>, prefix: string): LoadedConfig {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const wanted = readSecretFile(raw[`${name}File`], name, faults) ?? raw[name] ?? setting.default;
    if (wanted === undefined) {
      if (!setting.optional) faults.push(`${prefix}.${name} is missing: ${setting.meaning}`);
      continue;
    }
    const parsed = parseSetting(setting, wanted);
    if ('fault' in parsed) faults.push(`${prefix}.${name} ${parsed.fault}.`);
    else values[name] = parsed.value;
  }
  for (const name of Object.keys(raw)) {
    if (!table[name] && !table[name.replace(/File$/, '')]?.secret) faults.push(`${prefix}.${name} is not a setting of this plugin.`);
  }
  return { values, faults };
}

/** What is in force, as YAML-ready data with secrets masked and durations as text. */
export function printableConfig(table: SettingsTable, values: SettingValues): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table)
    .filter(([name]) => values[name] !== undefined)
    .map(([name, setting]) => [name, printable(setting, values[name])]));
}

function printable(setting: Setting, value: unknown): unknown {
  if (setting.secret) return '***';
  if (setting.type === 'duration') return formatDuration(Number(value));
  return setting.type === 'map' ? maskSecrets(value) : value;
}

function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) =>
    [key, /secret|password|token|key$/i.test(key) && typeof inner === 'string' ? '***' : maskSecrets(inner)]));
}

function readYaml(file: string | undefined, faults: string[]): unknown {
  if (!file) return {};
  try {
    return parseYaml(readFileSync(file, 'utf8')) ?? {};
  } catch (error) {
    faults.push(`The configuration file ${file} cannot be read: ${(error as Error).message}`);
    return {};
  }
}

/** Nested maps become dotted names, down to the names of the table: a setting of type map or list keeps its inside. */
function flatten(value: unknown, table: SettingsTable, prefix = ''): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return prefix ? { [prefix]: value } : {};
  const result: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix ? `${prefix}.${key}` : key;
    Object.assign(result, table[name] ? { [name]: inner } : emptyOr(flatten(inner, table, name), name, inner));
  }
  return result;
}

const emptyOr = (flat: Record<string, unknown>, name: string, inner: unknown): Record<string, unknown> =>
  (Object.keys(flat).length > 0 ? flat : { [name]: inner });

function rawValue(name: string, setting: Setting, given: Record<string, unknown>, env: Readonly<Record<string, string | undefined>>, faults: string[]): unknown {
  const variable = environmentName(name);
  if (setting.secret) {
    const fromFile = readSecretFile(env[`${variable}_FILE`] ?? given[`${name}File`], name, faults);
    if (fromFile !== undefined) return fromFile;
  }
  const text = env[variable];
  if (text === undefined) return given[name];
  if (setting.type !== 'map') return text;
  try {
    return parseYaml(text);
  } catch {
    return text;
  }
}

function readSecretFile(path: unknown, name: string, faults: string[]): string | undefined {
  if (typeof path !== 'string') return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    faults.push(`${name}File ${path} cannot be read: ${(error as Error).message}`);
    return undefined;
  }
}
