import { createImageFiles, createWorkUnderWay } from '@fogbow/image-files';
import type { ImageSettings } from '@fogbow/image-files';
import { limitTime } from '@fogbow/plugin-contracts';
import type { PluginHost } from '@fogbow/plugin-contracts';
import type { ImageHost } from './image-source.js';
import { sendImage } from './send-image.js';

/** Images that the member gives its hosts: they come to the Manager once, and from there to each host that needs them. */
export interface GivenImages {
  readonly names: ReadonlySet<string>;
  /** Where the host has it, if it does. */
  pathOn(image: string, host: ImageHost): Promise<string>;
  /** The same, when it is there. Who cannot wait for it is told how far it is, by no-valid-host; the work goes on. */
  bring(image: string, host: ImageHost, signal: AbortSignal): Promise<string>;
  /** What their files on hosts are called. */
  copyNames(): Promise<string[]>;
  close(): Promise<void>;
}

export interface GivenImagesOptions extends ImageSettings {
  readonly host: PluginHost;
  /** A host that takes nothing of an image for so long is given up until the next order. */
  readonly idleMs: number;
}

/** Longer waits are for the next try of the order. */
const PATIENCE_MS = 10_000;

export function createGivenImages({ sources, folder, format, limits, host: { log, now }, idleMs }: GivenImagesOptions): GivenImages {
  const files = createImageFiles({ folder, sources, limits, log, now: () => now() });
  const underWay = createWorkUnderWay();
  const pathOn: GivenImages['pathOn'] = async (image, { spec }) => `${spec.directory}/images/${await files.copyName(image, format)}`;
  return {
    names: new Set(sources.keys()), pathOn,
    async bring(image, host, signal) {
      const path = await pathOn(image, host);
      const wait = { signal: limitTime(signal, PATIENCE_MS) };
      const local = await files.ensureLocalImage(image, { format, ...wait });
      await underWay.share(`${host.spec.name} ${path}`, image, wait, async (closing, progress) => {
        log.info('an image is given to a host', { image, host: host.spec.name });
        // A file of the operator's may change under those who share it; a copy of ours does not.
        const isOurs = local.startsWith(`${folder}/`);
        await sendImage({ image, host, path, local, isOurs, idleMs, signal: closing, progress });
        log.info('a host has an image', { image, host: host.spec.name });
      });
      return path;
    },
    copyNames: () => Promise.all([...sources.keys()].map((name) => files.copyName(name, format))),
    async close() {
      await Promise.all([underWay.close(), files.close()]);
    },
  };
}
