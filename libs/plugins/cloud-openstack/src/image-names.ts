import { imageSettingFaults } from '@fogbow/image-files';
import type { SettingValues } from '@fogbow/plugin-contracts';

/** The setting `images`, parted by where an image comes from. */
export interface ImageNames {
  /** Our name → name or id in Glance. */
  readonly named: ReadonlyMap<string, string>;
  /** Those that the member gives its OpenStack. */
  readonly given: Readonly<Record<string, unknown>>;
}

type Entry = readonly [string, unknown];

export function imageNamesOf(values: SettingValues): ImageNames {
  const all = Object.entries((values['images'] ?? {}) as Record<string, unknown>);
  return {
    named: new Map(all.filter(isNamed).map(([name, entry]) => [name, String((entry as { readonly named: unknown }).named)])),
    given: Object.fromEntries(all.filter((entry) => !isNamed(entry))),
  };
}

/** Whole sentences. */
export function imageNameFaults(values: SettingValues): string[] {
  const { named, given } = imageNamesOf(values);
  return [...[...named].filter(([, wanted]) => wanted.trim() === '').map(([name]) => `images.${name}.named must be the name or id of an image in Glance.`), ...imageSettingFaults(given, values)];
}

const isNamed = ([, entry]: Entry): boolean => typeof entry === 'object' && entry !== null && Object.keys(entry).join() === 'named' && typeof (entry as { readonly named: unknown }).named === 'string';
