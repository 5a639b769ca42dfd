import { open } from 'node:fs/promises';
import { limitTime } from '@fogbow/plugin-contracts';
import { HEADER_BYTES, headerFault } from './inspect-header.js';
import { away, noRoom, unfit } from './image-errors.js';
import { runProgram } from './run-program.js';
import type { ProgramEnd } from './run-program.js';

/** What can be asked for. */
export type ImageFormat = 'qcow2' | 'raw';

export interface ImageInfo {
  /** As qemu-img names it. */
  readonly format: string;
  readonly virtualBytes: number;
}

/** What an image may come as; each is one file and names no other. */
const TAKEN: readonly string[] = ['qcow2', 'raw', 'vmdk', 'vdi', 'vhdx', 'vpc'];
const ONE_FILE_VMDK: readonly string[] = ['monolithicSparse', 'streamOptimized'];
const INFO_MS = 60_000;
/** An image that wants more of the tool is made to harm it. */
const LIMITS = ['--as=1073741824', '--cpu=30'];

/** What the image is. Refuses one that leads to other files: whoever read it would read those for a stranger. */
export async function inspectImage(path: string, signal: AbortSignal): Promise<ImageInfo> {
  const fault = headerFault(await beginningOf(path));
  if (fault !== undefined) throw unfit(`The image is refused: ${fault}.`);
  const end = await run('prlimit', [...LIMITS, 'qemu-img', 'info', '--output=json', path], limitTime(signal, INFO_MS));
  if (end.status !== 0) throw unfit(`qemu-img cannot read the image: ${lastLine(end)}`);
  return readInfo(end.stdout);
}

interface ToldInfo {
  readonly format?: unknown;
  readonly 'virtual-size'?: unknown;
  readonly 'backing-filename'?: unknown;
  readonly 'format-specific'?: { readonly data?: { readonly 'data-file'?: unknown; readonly 'create-type'?: unknown } };
}

/** Pure: the answer of `qemu-img info`. */
export function readInfo(text: string): ImageInfo {
  const told = JSON.parse(text) as ToldInfo;
  const { format, 'virtual-size': virtualBytes, 'backing-filename': backing } = told;
  const { 'data-file': dataFile, 'create-type': createType } = told['format-specific']?.data ?? {};
  if (typeof format !== 'string' || !TAKEN.includes(format)) throw unfit(`The image has the format ${String(format)}; there are ${TAKEN.join(', ')}.`);
  if (backing !== undefined) throw unfit('The image is refused: it has a backing file.');
  if (dataFile !== undefined) throw unfit('The image is refused: it keeps its data in another file.');
  if (format === 'vmdk' && !ONE_FILE_VMDK.includes(String(createType))) throw unfit(`The image is refused: a VMDK of the kind ${String(createType)} may name other files.`);
  if (typeof virtualBytes !== 'number' || virtualBytes <= 0) throw unfit('The image is empty.');
  return { format, virtualBytes };
}

export interface ConvertOptions {
  readonly from: { readonly path: string; readonly format: string };
  readonly to: { readonly path: string; readonly format: ImageFormat };
  readonly signal: AbortSignal;
  onPercent(percent: number): void;
}

export async function convertImage({ from, to, signal, onPercent }: ConvertOptions): Promise<void> {
  const end = await run('qemu-img', ['convert', '-p', '-f', from.format, '-O', to.format, from.path, to.path], signal, (text) => {
    const percent = /\((\d+)\.\d+\/100%\)(?!.*\/100%\))/s.exec(text)?.[1];
    if (percent !== undefined) onPercent(Number(percent));
  });
  if (end.status === 0) return;
  throw /no space left|quota exceeded/i.test(end.stderr) ? noRoom('The disk is full: the image could not be converted.') : unfit(`qemu-img cannot convert the image: ${lastLine(end)}`);
}

async function run(program: string, args: readonly string[], signal: AbortSignal, onLine?: (line: string) => void): Promise<ProgramEnd> {
  return await runProgram(program, args, { signal, ...(onLine ? { onLine } : {}) }).catch((error: unknown) => {
    throw (error as { code?: string }).code === 'ENOENT' ? away(`There is no ${program} on this host: install qemu-utils and util-linux.`, error) : error;
  });
}

async function beginningOf(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

const lastLine = ({ stderr, status }: ProgramEnd): string => stderr.trim().split('\n').at(-1)?.slice(0, 300) || `it ended with status ${status}`;
