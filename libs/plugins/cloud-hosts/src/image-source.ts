import { FogbowError } from '@fogbow/plugin-contracts';
import type { Host } from './fleet.js';
import type { GivenImages } from './given-images.js';
import { TIDY_IMAGES } from './image-scripts.js';

/** A base image on one host. */
export interface BaseImage {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  /** Least disk of a machine. */
  readonly minDiskGb: number;
}

export type ImageHost = Pick<Host, 'spec' | 'runner' | 'shell'>;

/** The one place where the name of an image becomes a file of a host. */
export interface ImageSource {
  readonly names: readonly string[];
  /** As the host has it; undefined: it gets it with the first order. Throws cloud-rejected for a name that is not known, and for an image that the host lacks and is not given. */
  look(image: string, host: ImageHost, signal: AbortSignal): Promise<BaseImage | undefined>;
  /** The same, after it was given to the host where that lacks it. No-valid-host: it is still on its way; cloud-unavailable: it cannot be had now. */
  locate(image: string, host: ImageHost, signal: AbortSignal): Promise<BaseImage>;
  /** Takes from the host what was given and is in the settings no more; machines keep what they stand on. */
  tidy(host: ImageHost, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface ImageSourceOptions {
  readonly names: readonly string[];
  /** Files that the operator has put onto every host, at the same path. */
  readonly paths: Readonly<Record<string, string>>;
  /** Of the other names. */
  readonly given?: GivenImages | undefined;
}

const GB = 2 ** 30;

export function createImageSource({ names, paths, given }: ImageSourceOptions): ImageSource {
  const pathOf = (image: string): string => {
    const path = names.includes(image) ? paths[image] : undefined;
    if (path === undefined) throw new FogbowError('cloud-rejected', `This cloud has no image ${image}; it has ${names.join(', ')}.`);
    return path;
  };
  const look: ImageSource['look'] = async (image, host, signal) => {
    if (!given?.names.has(image)) return await inspect(image, pathOf(image), host, signal);
    return await inspect(image, await given.pathOn(image, host), host, signal).catch((error: unknown) => {
      if (error instanceof FogbowError && error.code === 'cloud-rejected') return undefined;
      throw error;
    });
  };
  return {
    names, look,
    async locate(image, host, signal) {
      const there = await look(image, host, signal);
      return there ?? await inspect(image, await given?.bring(image, host, signal) ?? '', host, signal);
    },
    tidy: async ({ shell }, signal) => void await shell.tell(TIDY_IMAGES, await given?.copyNames() ?? [], signal),
    close: async () => given?.close(),
  };
}

async function inspect(image: string, path: string, { spec, runner }: ImageHost, signal: AbortSignal): Promise<BaseImage> {
  const { status, stdout, stderr } = await runner.run(['qemu-img', 'info', '--force-share', '--output=json', path], { signal });
  if (status !== 0) throw new FogbowError('cloud-rejected', `The host ${spec.name} cannot use the image ${image}: ${stderr.trim().split('\n')[0] ?? ''}`);
  const { format, 'virtual-size': size } = JSON.parse(stdout) as { readonly format?: string; readonly 'virtual-size'?: number };
  if (format !== 'qcow2' && format !== 'raw') throw new FogbowError('cloud-rejected', `The image ${image} is of the format ${String(format)}; qcow2 and raw can be used.`);
  return { path, format, minDiskGb: Math.max(1, Math.ceil((size ?? 0) / GB)) };
}
