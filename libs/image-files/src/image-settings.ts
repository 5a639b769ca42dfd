import type { SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import type { ImageLimits } from './image-files.js';
import { readImageSources } from './image-source.js';
import type { ImageSource } from './image-source.js';
import type { ImageFormat } from './qemu-img.js';

/** Settings of a plugin that fetches images; every such plugin calls them so, beside its own `images`. */
export const IMAGE_SETTINGS = {
  imageFolder: { type: 'path', optional: true, meaning: 'Folder of the images that are fetched, which processes of this host may share; needed where there are such.' },
  imageFormat: { type: 'string', default: 'qcow2', oneOf: ['qcow2', 'raw'], meaning: 'Format in which the cloud gets them; qemu-img converts.' },
  imageMaxGb: { type: 'integer', default: 50, min: 1, meaning: 'Size of one such image at most, also of its disk.' },
  imageCacheGb: { type: 'integer', default: 100, min: 1, meaning: 'Size of imageFolder at most; what was not used for longest goes.' },
} as const satisfies SettingsTable;

/** What those settings say. */
export interface ImageSettings {
  readonly sources: ReadonlyMap<string, ImageSource>;
  readonly folder: string;
  readonly format: ImageFormat;
  readonly limits: ImageLimits;
}

const GB = 2 ** 30;

/** `given`: those entries of the plugin's `images` that are fetched. Each fault is a whole sentence. */
export function imageSettingFaults(given: Readonly<Record<string, unknown>>, values: SettingValues): string[] {
  const { sources, faults } = readImageSources(given, 'images');
  return [...faults, ...(sources.size > 0 && values['imageFolder'] === undefined ? ['imageFolder is missing: images need a place on their way.'] : [])];
}

/** Undefined where nothing is fetched. */
export function readImageSettings(given: Readonly<Record<string, unknown>>, values: SettingValues): ImageSettings | undefined {
  const { sources } = readImageSources(given, 'images');
  if (sources.size === 0 || values['imageFolder'] === undefined) return undefined;
  const gigabytes = (name: 'imageMaxGb' | 'imageCacheGb'): number => Number(values[name] ?? IMAGE_SETTINGS[name].default) * GB;
  return {
    sources, folder: String(values['imageFolder']), format: values['imageFormat'] === 'raw' ? 'raw' : 'qcow2',
    limits: { maxBytes: gigabytes('imageMaxGb'), cacheBytes: gigabytes('imageCacheGb') },
  };
}
