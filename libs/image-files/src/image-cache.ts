import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginLog } from '@fogbow/plugin-contracts';
import { noRoom } from './image-errors.js';
import { planEviction } from './plan-eviction.js';
import type { CachedFile } from './plan-eviction.js';

export interface ImageCacheOptions {
  readonly folder: string;
  readonly cacheBytes: number;
  readonly log: PluginLog;
  now(): Date;
  /** Whether something outside needs the file; one with a second hard link counts as needed anyway. */
  isInUse?(path: string): Promise<boolean>;
}

export interface ImageCache {
  /** The path, where the image is there; it counts as used now. */
  take(name: string): Promise<string | undefined>;
  /** Removes what was not used for longest until so many bytes more fit. Throws no-valid-host where they cannot. */
  makeRoom(bytes: number): Promise<void>;
}

/** Who was just told of a file has a while to open it or to link it. */
const RECENT_MS = 60_000;
/** What nobody continues for so long is of no use. */
const OLD_PART_MS = 7 * 86_400_000;
const IMAGE = /\.(qcow2|raw)$/;
const PART = /\.(part|part\.json|tmp)$/;

export function createImageCache(options: ImageCacheOptions): ImageCache {
  const { folder, cacheBytes, log, now } = options;
  return {
    async take(name) {
      const path = join(folder, name);
      const at = now();
      return await utimes(path, at, at).then(() => path, () => undefined);
    },
    async makeRoom(bytes) {
      const names = await readdir(folder);
      await dropOldParts(names.filter((name) => PART.test(name)).map((name) => join(folder, name)), now().getTime() - OLD_PART_MS);
      const files = await Promise.all(names.filter((name) => IMAGE.test(name)).map((name) => look(options, join(folder, name))));
      const { evict, lacks } = planEviction(files.flat(), bytes, cacheBytes);
      if (lacks > 0) throw noRoom(`The cache of images has no room for ${bytes} bytes more: it may have ${cacheBytes}, and images in use fill it.`);
      for (const path of evict) {
        await rm(path, { force: true });
        log.info('an image was removed from the cache', { path });
      }
    },
  };
}

async function look({ now, isInUse }: ImageCacheOptions, path: string): Promise<CachedFile[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  const isNeeded = found.nlink > 1 || now().getTime() - found.mtimeMs < RECENT_MS || await isInUse?.(path) === true;
  return [{ path, bytes: found.blocks * 512, usedAt: found.mtimeMs, isInUse: isNeeded }];
}

async function dropOldParts(paths: readonly string[], before: number): Promise<void> {
  for (const path of paths) if (((await stat(path).catch(() => undefined))?.mtimeMs ?? before) < before) await rm(path, { force: true });
}
