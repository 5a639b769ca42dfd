import { FogbowError } from '@fogbow/plugin-contracts';
import type { HostRunner } from './host-runner.js';

/** A base image on one host. */
export interface BaseImage {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  /** Least disk of a machine. */
  readonly minDiskGb: number;
}

/** The one place where the name of an image becomes a file of a host. */
export interface ImageSource {
  readonly names: readonly string[];
  /** Throws cloud-rejected for a name that is not known, and for an image that the host does not have. */
  locate(image: string, host: { readonly name: string; readonly runner: HostRunner }, signal: AbortSignal): Promise<BaseImage>;
}

const GB = 2 ** 30;

/** Files that the operator has put onto every host, at the same path. */
export function createImageFiles(paths: Readonly<Record<string, string>>): ImageSource {
  return {
    names: Object.keys(paths),
    async locate(image, { name, runner }, signal) {
      const path = paths[image];
      if (path === undefined) throw new FogbowError('cloud-rejected', `This cloud has no image ${image}; it has ${Object.keys(paths).join(', ')}.`);
      const { status, stdout, stderr } = await runner.run(['qemu-img', 'info', '--force-share', '--output=json', path], { signal });
      if (status !== 0) throw new FogbowError('cloud-rejected', `The host ${name} cannot use the image ${image}: ${stderr.trim().split('\n')[0] ?? ''}`);
      return readInfo(image, path, stdout);
    },
  };
}

function readInfo(image: string, path: string, output: string): BaseImage {
  const { format, 'virtual-size': size } = JSON.parse(output) as { readonly format?: string; readonly 'virtual-size'?: number };
  if (format !== 'qcow2' && format !== 'raw') throw new FogbowError('cloud-rejected', `The image ${image} is of the format ${String(format)}; qcow2 and raw can be used.`);
  return { path, format, minDiskGb: Math.max(1, Math.ceil((size ?? 0) / GB)) };
}
