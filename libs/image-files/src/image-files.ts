import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginLog } from '@fogbow/plugin-contracts';
import { downloadFile, finish, forget } from './download-file.js';
import { lockFile } from './file-lock.js';
import { createImageCache } from './image-cache.js';
import type { ImageCache } from './image-cache.js';
import { explained, unfit } from './image-errors.js';
import { keyOf, shownSource } from './image-source.js';
import type { ImageSource } from './image-source.js';
import { convertImage, inspectImage } from './qemu-img.js';
import type { ImageFormat, ImageInfo } from './qemu-img.js';
import { hasChecksum } from './verify-checksum.js';
import { createWorkUnderWay } from './work-under-way.js';
import type { Progress, WaitOptions } from './work-under-way.js';

export interface ImageFilesOptions {
  /** Of the cache; made where it is not there. Processes of one host may share it. */
  readonly folder: string;
  /** By the names that users give them. */
  readonly sources: ReadonlyMap<string, ImageSource>;
  readonly limits: ImageLimits;
  readonly log: PluginLog;
  now(): Date;
  /** Whether a file of the cache is needed by something that no hard link shows. */
  isInUse?(path: string): Promise<boolean>;
}

export interface ImageLimits {
  /** Of one image, as it comes and as the disk that a machine sees. */
  readonly maxBytes: number;
  /** Of all images that are kept. */
  readonly cacheBytes: number;
  /** How long a source may be silent. Default 30 s. */
  readonly idleMs?: number;
}

export interface EnsureOptions extends WaitOptions {
  readonly format: ImageFormat;
}

/** Names of images become files of this host. */
export interface ImageFiles {
  /**
   * The path of the image, of that format and without any other file behind it; fetched, proved and converted first where it is not there,
   * once for all who ask. Who needs it for longer than a minute makes a hard link to it, or says so by `isInUse`. Errors: cloud-rejected (no such image,
   * or one that may not be used), cloud-unavailable (the source does not answer), no-valid-host (disk or cache are full, or it is still on its way).
   */
  ensureLocalImage(name: string, options: EnsureOptions): Promise<string>;
  /** What a copy of it is called: the same for the same content as far as its source tells, another for every other. Throws cloud-rejected where there is no such image. */
  copyName(name: string, format: ImageFormat): Promise<string>;
  /** Breaks off what is under way; it is continued by the next process. */
  close(): Promise<void>;
}

const IDLE_MS = 30_000;

export function createImageFiles(options: ImageFilesOptions): ImageFiles {
  const cache = createImageCache({ ...options, cacheBytes: options.limits.cacheBytes });
  const underWay = createWorkUnderWay();
  // Files of the operator that are as they are wanted; each was looked at once.
  const plain = new Map<string, string>();
  return {
    async ensureLocalImage(name, { format, ...wait }) {
      const { source, key } = await find(options, name);
      const there = plain.get(`${key}.${format}`) ?? await cache.take(`${key}.${format}`);
      if (there !== undefined) return there;
      return await underWay.share(`${key}.${format}`, name, wait, async (signal, progress) => {
        try {
          await mkdir(options.folder, { recursive: true, mode: 0o700 });
          const unlock = await lockFile(join(options.folder, `${key}.lock`), signal);
          try {
            // Another process may have brought it while we waited.
            const path = await cache.take(`${key}.${format}`) ?? await makeImage(options, cache, { name, source, key, format, signal, progress });
            if (path === source.file) plain.set(`${key}.${format}`, path);
            return path;
          } finally {
            await unlock();
          }
        } catch (error) {
          throw explained(error, options.folder);
        }
      });
    },
    copyName: async (name, format) => `${(await find(options, name)).key}.${format}`,
    close: () => underWay.close(),
  };
}

async function find({ sources }: ImageFilesOptions, name: string): Promise<{ readonly source: ImageSource; readonly key: string }> {
  const source = sources.get(name);
  if (!source) throw unfit(`There is no image ${name}; there are ${[...sources.keys()].join(', ') || 'none'}.`);
  return { source, key: keyOf(source, source.file === undefined ? '' : await versionOf(source.file)) };
}

interface Wanted {
  readonly name: string;
  readonly source: ImageSource;
  readonly key: string;
  readonly format: ImageFormat;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

async function makeImage(options: ImageFilesOptions, cache: ImageCache, wanted: Wanted): Promise<string> {
  const { folder, log, limits } = options;
  const { name, source, key, format, signal } = wanted;
  const part = join(folder, `${key}.part`);
  const path = source.file ?? part;
  log.info('an image is fetched', { image: name, from: shownSource(source) });
  try {
    if (source.url !== undefined) await fetchImage(options, cache, wanted, source.url, part);
    const info = await proved(wanted, path, limits.maxBytes);
    const target = source.file !== undefined && info.format === format ? source.file : join(folder, `${key}.${format}`);
    if (target === path) return target;
    if (info.format === format) await keep(cache, part, target);
    else await convert(cache, wanted, { path, info, target });
    if (source.url !== undefined) await forget(part);
    log.info('an image is ready', { image: name, path: target });
    return target;
  } catch (error) {
    // What could never become the image, or fills the disk, is not kept.
    const { code } = explained(error, folder) as { readonly code?: string };
    if (source.url !== undefined && (code === 'cloud-rejected' || code === 'no-valid-host') && !signal.aborted) await forget(part);
    log.warn('an image could not be had', { image: name, error });
    throw error;
  }
}

async function fetchImage({ log, limits }: ImageFilesOptions, cache: ImageCache, { name, source, signal, progress }: Wanted, url: string, part: string): Promise<void> {
  let toldTenths = 0;
  await downloadFile({
    url, path: part, signal, maxBytes: limits.maxBytes, idleMs: limits.idleMs ?? IDLE_MS, isProved: source.checksum !== undefined,
    makeRoom: (bytes) => cache.makeRoom(bytes),
    onBytes(have, total) {
      const share = total ? `${Math.floor((100 * have) / total)} % of ${total} bytes have` : `${have} bytes have`;
      progress.tell(`${share} come`);
      const tenths = total ? Math.floor((10 * have) / total) : Math.floor(have / 100_000_000);
      if (tenths > toldTenths) log.info('an image is on its way', { image: name, bytes: have, ...(total ? { percent: tenths * 10 } : {}) });
      toldTenths = Math.max(toldTenths, tenths);
    },
  });
}

/** What the file is, once nothing speaks against it. */
async function proved({ source, signal, progress, name }: Wanted, path: string, maxBytes: number): Promise<ImageInfo> {
  progress.tell('it is being checked');
  if (source.checksum && !await hasChecksum(path, source.checksum, signal)) throw unfit(`The image ${name} is not what its ${source.checksum.algorithm} says.`);
  const info = await inspectImage(path, signal);
  if (info.virtualBytes > maxBytes) throw unfit(`The disk of the image ${name} has ${info.virtualBytes} bytes, and may have ${maxBytes}.`);
  return info;
}

/** Into a file of its own first: under its name an image is always whole. */
async function convert(cache: ImageCache, { format, signal, progress }: Wanted, { path, info, target }: { readonly path: string; readonly info: ImageInfo; readonly target: string }): Promise<void> {
  const file = `${target}.tmp`;
  try {
    await convertImage({ from: { path, format: info.format }, to: { path: file, format }, signal, onPercent: (percent) => progress.tell(`${percent} % of it are converted to ${format}`) });
    await keep(cache, file, target);
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Only now it is known what it takes: a server need not tell a length, and a copy in another format takes more or less. */
async function keep(cache: ImageCache, file: string, target: string): Promise<void> {
  await cache.makeRoom((await stat(file)).blocks * 512);
  await finish(file, target);
}

/** A file of the operator's that changed is another image. */
async function versionOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw unfit(`The image file ${path} is not there.`);
  return `${found.size} ${found.mtimeMs}`;
}
