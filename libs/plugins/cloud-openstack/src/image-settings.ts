import { readImageSources } from '@fogbow/image-files';
import type { PluginHost, SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import type { UploadOptions } from './glance-uploads.js';

/** The settings about images that the member gives its OpenStack. */
export const IMAGE_SETTINGS = {
  images: { type: 'map', default: {}, meaning: 'Images that the member gives this OpenStack: name → { url or file, sha256 or sha512 }. One that the project lacks is fetched and uploaded for the first order that names it.' },
  imageFolder: { type: 'path', optional: true, meaning: 'Folder of these images on their way, which processes of this host may share; needed with images.' },
  imageFormat: { type: 'string', default: 'qcow2', oneOf: ['qcow2', 'raw'], meaning: 'Format in which they are uploaded; qemu-img converts.' },
  imageMaxGb: { type: 'integer', default: 50, min: 1, meaning: 'Size of one such image at most, also of its disk.' },
  imageCacheGb: { type: 'integer', default: 100, min: 1, meaning: 'Size of imageFolder at most; what was not used for longest goes.' },
} as const satisfies SettingsTable;

const GB = 2 ** 30;

export function imageFaults(values: SettingValues): string[] {
  const { sources, faults } = readImageSources(imagesOf(values), 'images');
  return [...faults, ...(sources.size > 0 && values['imageFolder'] === undefined ? ['imageFolder is missing: images need a place on their way.'] : [])];
}

/** Undefined where there are no such images. */
export function uploadOptions(values: SettingValues, host: PluginHost): UploadOptions | undefined {
  const { sources } = readImageSources(imagesOf(values), 'images');
  if (sources.size === 0 || values['imageFolder'] === undefined) return undefined;
  const gigabytes = (name: 'imageMaxGb' | 'imageCacheGb'): number => Number(values[name] ?? IMAGE_SETTINGS[name].default) * GB;
  return {
    sources, host, folder: String(values['imageFolder']), format: values['imageFormat'] === 'raw' ? 'raw' : 'qcow2',
    limits: { maxBytes: gigabytes('imageMaxGb'), cacheBytes: gigabytes('imageCacheGb') },
  };
}

const imagesOf = (values: SettingValues): Record<string, unknown> => (values['images'] ?? {}) as Record<string, unknown>;
