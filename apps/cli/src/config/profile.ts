import { parse, stringify } from 'yaml';
import { usageError } from '../cli-error.js';

/** One Manager and who we are there. */
export interface Profile {
  readonly url: string;
  readonly token?: string;
  /** Public key file for new machines. */
  readonly publicKey?: string;
  /** Private key file for `fogbow ssh`. */
  readonly identityFile?: string;
}

export interface Profiles {
  /** The profile that is used where none is named. */
  readonly current?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

export const NO_PROFILES: Profiles = { profiles: {} };

const TEXTS = ['token', 'publicKey', 'identityFile'] as const;
const NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Throws a usage error that names the file and the place. */
export function parseProfiles(text: string, file: string): Profiles {
  const fault = (what: string): Error => usageError(`${file} cannot be used: ${what}.`, `Correct it, or remove it and log in again: fogbow login --url URL`);
  let content: unknown;
  try {
    content = parse(text) ?? {};
  } catch (error) {
    throw fault((error as Error).message.split('\n')[0] ?? 'it is not YAML');
  }
  if (!isRecord(content)) throw fault('it is not a mapping');
  const { current, profiles = {} } = content;
  if (!isRecord(profiles)) throw fault('"profiles" is not a mapping');
  if (current !== undefined && typeof current !== 'string') throw fault('"current" is not a text');
  const read = Object.entries(profiles).map(([name, value]) => [name, parseProfile(value, (what) => fault(`profile ${name}: ${what}`))]);
  return { ...(current ? { current } : {}), profiles: Object.fromEntries(read) as Record<string, Profile> };
}

function parseProfile(value: unknown, fault: (what: string) => Error): Profile {
  if (!isRecord(value)) throw fault('it is not a mapping');
  if (typeof value['url'] !== 'string') throw fault('"url" is missing');
  const texts = TEXTS.flatMap((name) => {
    const text = value[name];
    if (text === undefined || text === null) return [];
    if (typeof text !== 'string') throw fault(`"${name}" is not a text`);
    return [[name, text]];
  });
  return { url: value['url'], ...Object.fromEntries(texts) };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

export function renderProfiles(profiles: Profiles): string {
  return `# Written by fogbow login. Holds tokens: keep it to yourself.\n${stringify(profiles)}`;
}

/** Undefined where there is none of that name; what every object has, such as `constructor`, is no profile. */
export const profileNamed = ({ profiles }: Profiles, name: string): Profile | undefined => (Object.hasOwn(profiles, name) ? profiles[name] : undefined);

export function checkProfileName(name: string): string {
  if (NAME.test(name)) return name;
  throw usageError(`"${name}" cannot name a profile.`, 'Use letters, digits, dots, dashes and underscores.');
}

/** The profile added or replaced, and made the current one. */
export function withProfile({ profiles }: Profiles, name: string, profile: Profile): Profiles {
  return { current: name, profiles: { ...profiles, [name]: profile } };
}

export function withoutProfile({ current, profiles }: Profiles, name: string): Profiles {
  const rest = Object.fromEntries(Object.entries(profiles).filter(([key]) => key !== name));
  return { ...(current && current !== name ? { current } : {}), profiles: rest };
}
