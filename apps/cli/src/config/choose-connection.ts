import { usageError } from '../cli-error.js';
import { profileNamed } from './profile.js';
import type { Profile, Profiles } from './profile.js';

export interface ConnectionChoice {
  readonly url: string;
  readonly token?: string;
  /** The profile in use, where one is. */
  readonly name?: string;
  readonly profile?: Profile;
}

export interface ConnectionWishes {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly profileName?: string | undefined;
}

/** What the original used (spec §6.1). */
export const DEFAULT_URL = 'http://localhost:8182';

/**
 * Options win over the environment (the caller merges these), and both over the profile. A profile's token goes to that profile's own
 * Manager only: an address from elsewhere must bring its own.
 */
export function chooseConnection(wishes: ConnectionWishes, all: Profiles): ConnectionChoice {
  const { current, profiles } = all;
  const name = wishes.profileName ?? current;
  const profile = name === undefined ? undefined : profileNamed(all, name);
  if (wishes.profileName !== undefined && !profile) {
    const known = Object.keys(profiles);
    throw usageError(`There is no profile "${name}".`, known.length > 0 ? `There are: ${known.join(', ')}` : `Make it with: fogbow login --profile ${name} --url URL`);
  }
  const url = normalUrl(wishes.url ?? profile?.url ?? DEFAULT_URL);
  const isOwn = profile !== undefined && normalUrl(profile.url) === url;
  const token = wishes.token ?? (isOwn ? profile.token : undefined);
  return { url, ...(token ? { token } : {}), ...(isOwn ? { name: name as string, profile } : {}) };
}

/** With a scheme, without a slash at the end. */
export function normalUrl(text: string): string {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || !url.hostname || url.username || url.password || url.search || url.hash) {
    throw usageError(`"${text}" is not the address of a Manager.`, 'Give one such as http://manager.example.org:8182');
  }
  return url.href.replace(/\/+$/, '');
}
