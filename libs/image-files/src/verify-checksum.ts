import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Checksum } from './image-source.js';

/** Whether the content of a file has this checksum. */
export async function hasChecksum(path: string, { algorithm, hex }: Checksum, signal: AbortSignal): Promise<boolean> {
  return await checksumOf(path, algorithm, signal) === hex;
}

/** In lower-case hexadecimal. */
export async function checksumOf(path: string, algorithm: Checksum['algorithm'], signal: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest('hex');
}
