import { open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isFogbowError } from '@fogbow/plugin-contracts';
import { away, noRoom, unfit } from './image-errors.js';
import { headersFor, pauseAfter, readAnswer } from './plan-download.js';
import type { PartRecord, Reading } from './plan-download.js';

export interface DownloadOptions {
  readonly url: string;
  /** Grows while it is fetched; what is in it from an earlier try is continued. Beside it stands `<path>.json`. */
  readonly path: string;
  readonly maxBytes: number;
  /** A connection that brings nothing for so long is broken off. */
  readonly idleMs: number;
  /** Whether the content is proved by a checksum afterwards. */
  readonly isProved: boolean;
  readonly signal: AbortSignal;
  onBytes(have: number, total: number | undefined): void;
  /** Called once a size is told, with the bytes that are still to come. */
  makeRoom(bytes: number): Promise<void>;
}

/** Fetches a file, and goes on where it was broken off, by whatever. Rejects with an error of the catalogue. */
export async function downloadFile(options: DownloadOptions): Promise<void> {
  for (let failures = 0; ;) {
    const before = await sizeOf(options.path);
    try {
      return await downloadOnce(options, before);
    } catch (error) {
      options.signal.throwIfAborted();
      if (isFogbowError(error) && error.code !== 'cloud-unavailable') throw error;
      failures = await sizeOf(options.path) > before ? 1 : failures + 1;
      const pause = isDiskFault(error) ? undefined : pauseAfter(failures);
      if (pause === undefined) throw isFogbowError(error) || isDiskFault(error) ? error : away(`${hostOf(options.url)} does not give the image: ${reasonOf(error)}`, error);
      await delay(pause, undefined, { signal: options.signal });
    }
  }
}

async function downloadOnce(options: DownloadOptions, have: number): Promise<void> {
  const { url, path, signal } = options;
  const idle = createIdleSignal(options.idleMs);
  try {
    const response = await fetch(url, { headers: headersFor(url, have, await recordOf(path)), redirect: 'follow', signal: AbortSignal.any([signal, idle.signal]) });
    if (new URL(url).protocol === 'https:' && !response.url.startsWith('https:') && !options.isProved) throw unfit(`${hostOf(url)} leads to an address without TLS; give a checksum.`);
    const reading = readAnswer({ status: response.status, header: (name) => response.headers.get(name) }, have);
    if (reading.kind === 'anew') {
      await response.body?.cancel();
      await forget(path);
      return await downloadOnce(options, 0);
    }
    if (reading.kind === 'refused') {
      await response.body?.cancel();
      throw (reading.isPassing ? away : unfit)(`The image at ${hostOf(url)} ${reading.reason}.`);
    }
    await takeBody(options, response, reading, idle.touch);
  } finally {
    idle.end();
  }
}

async function takeBody(options: DownloadOptions, response: Response, { from, total, record }: Extract<Reading, { kind: 'read' }>, touch: () => void): Promise<void> {
  const { path, url, maxBytes } = options;
  const refuseSize = (): never => { throw unfit(`The image is larger than ${maxBytes} bytes.`); };
  if ((total ?? 0) > maxBytes) refuseSize();
  await writeFile(`${path}.json`, JSON.stringify({ url, ...record } satisfies PartRecord));
  if (total !== undefined) await requireRoom(options, total - from);
  const file = await open(path, from > 0 ? 'r+' : 'w');
  let have = from;
  try {
    for await (const chunk of response.body ?? []) {
      touch();
      const bytes = chunk as Uint8Array;
      if (have + bytes.length > maxBytes) refuseSize();
      await writeAll(file, bytes, have);
      have += bytes.length;
      options.onBytes(have, total);
    }
    if (total !== undefined && have < total) throw new Error(`it ended after ${have} of ${total} bytes`);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function requireRoom({ path, makeRoom }: DownloadOptions, bytes: number): Promise<void> {
  await makeRoom(bytes);
  const { bavail, bsize } = await statfs(path.replace(/\/[^/]*$/, '') || '/');
  if (bavail * bsize < bytes) throw noRoom(`The disk has ${bavail * bsize} bytes left, and the image needs ${bytes}.`);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

interface IdleSignal {
  readonly signal: AbortSignal;
  touch(): void;
  end(): void;
}

function createIdleSignal(idleMs: number): IdleSignal {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`nothing came for ${idleMs} ms`)), idleMs);
  return { signal: stop.signal, touch: () => void timer.refresh(), end: () => clearTimeout(timer) };
}

/** Drops what was fetched, so that the next try begins anew. */
export async function forget(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.json`, { force: true });
}

/** A finished file under its own name; what was noted about it goes. */
export async function finish(path: string, target: string): Promise<void> {
  await rename(path, target);
  await rm(`${path}.json`, { force: true });
}

async function recordOf(path: string): Promise<PartRecord | undefined> {
  try {
    return JSON.parse(await readFile(`${path}.json`, 'utf8')) as PartRecord;
  } catch {
    return undefined;
  }
}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => undefined))?.size ?? 0;
const hostOf = (url: string): string => new URL(url).host;
const isDiskFault = (error: unknown): boolean => ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'].includes(String((error as { code?: string }).code));

/** What fetch throws says little itself. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
