import { randomBytes } from 'node:crypto';
import { isAbsolute, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { IMAGE_SETTINGS, imageSettingFaults, readImageSettings } from '@fogbow/image-files';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudPlugin, PluginHost, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { createAttachmentHolds } from './attachment-holds.js';
import { createClaims } from './claims.js';
import { openBook } from './disk-books.js';
import type { Host } from './fleet.js';
import { examineHosts } from './examine-hosts.js';
import { createGivenImages } from './given-images.js';
import { createHostsAttachments } from './hosts-attachments.js';
import { createHostsCompute } from './hosts-compute.js';
import { createHostsImages } from './hosts-images.js';
import type { HostsOptions } from './hosts-options.js';
import { createHostsPower } from './hosts-power.js';
import { hostFaults, hostsOf } from './hosts-settings.js';
import { createHostsVolumes } from './hosts-volumes.js';
import { createImageSource } from './image-source.js';
import type { ImageSource } from './image-source.js';
import { openHost } from './open-host.js';
import { createSharedTurns } from './shared-turns.js';
import { makeFolder } from './write-once.js';

/** Machines of QEMU on hosts that the member owns: this one, or others by ssh. */
export const hostsCloud: PluginModule<CloudPlugin> = {
  name: 'cloud-hosts',
  settings: {
    directory: { type: 'path', meaning: 'Folder beside the Manager, in which it notes the host of each machine before it asks the host; all workers of the member share it.' },
    hosts: { type: 'map', meaning: 'Name of each host (1 to 20 of a-z, 0-9) → at (local, or ssh://user@host:port with keyFile and hostKey), directory, and what it gives: machines, vcpu, ramMb, diskGb.' },
    images: { type: 'map', meaning: 'Name of each image for users → path of its qcow2 or raw file on every host, or { url or file, sha256 or sha512 } of one that the hosts are given for the first order that names it.' },
    ...IMAGE_SETTINGS,
    image: { type: 'string', optional: true, meaning: 'The image of orders that name none; absent: the first of images.' },
    maxVolumes: { type: 'integer', optional: true, min: 0, meaning: 'Volumes at a time; absent: no limit.' },
    maxVolumeGb: { type: 'integer', optional: true, min: 0, meaning: 'GB of all volumes; they are counted, and take the room that is written.' },
    callTimeout: { type: 'duration', default: '30s', min: 1000, meaning: 'How long one program on a host may take.' },
    connectTimeout: { type: 'duration', default: '10s', min: 100, meaning: 'How long the way to a host by ssh may take.' },
    retryAfter: { type: 'duration', default: '15s', meaning: 'A host that did not answer is not asked again for so long.' },
    stopTimeout: { type: 'duration', default: '60s', meaning: 'How long the system of a machine that is stopped may take before its process is ended.' },
  },
  check: settingFaults,
  create(values, host) {
    const options = optionsOf(values, host);
    const hosts = hostsOf(values).map((spec) => openHost(spec, options));
    const holds = createAttachmentHolds(options.books.attachments, hosts);
    return {
      compute: createHostsCompute(options, hosts),
      examine: ({ signal }) => examineHosts(options, hosts, signal),
      volumes: createHostsVolumes(options, hosts, holds),
      attachments: createHostsAttachments(options, hosts, holds),
      power: createHostsPower(hosts, host.log),
      images: createHostsImages(options, hosts),
      // A host knows the Manager by its key, and this host by its user; there are no tokens.
      identity: { issue: () => Promise.resolve({ value: 'hosts' }) },
      /** A host that is not there yet is no reason not to start. The first look brings back what a boot of a host has ended. */
      async start(signal) {
        makeFolder(options.directory);
        await Promise.all(hosts.map((one) => begin(one, options, signal)));
      },
      async stop() {
        await options.images.close();
        hosts.forEach(({ runner }) => runner.close());
      },
    };
  },
};

async function begin(host: Host, { images, log }: HostsOptions, signal: AbortSignal): Promise<void> {
  const warn = (error: Error): void => log.warn('a host cannot be used as it is', { host: host.spec.name, reason: error.message });
  try {
    await host.requireFit(signal);
    for (const image of images.names) await images.look(image, host, signal).catch(warn);
    await images.tidy(host, signal).catch(warn);
    await host.machines.look(signal);
  } catch (error) {
    warn(error as Error);
  }
}

function settingFaults(values: SettingValues): string[] {
  const { names, paths, given } = imagesOf(values);
  const { image } = values;
  return [
    ...hostFaults(values),
    ...(names.length === 0 ? ['images must name at least one image.'] : []),
    ...Object.entries(paths).filter(([, path]) => !isAbsolute(path)).map(([name]) => `images: ${name} must be the absolute path of a file on every host, or an address.`),
    ...imageSettingFaults(given, values),
    ...(image === undefined || names.includes(String(image)) ? [] : [`images must have the image ${String(image)}.`]),
  ];
}

/** A text that is no address is a path on every host; the rest is given to the hosts. */
function imagesOf(values: SettingValues): { readonly names: readonly string[]; readonly paths: Readonly<Record<string, string>>; readonly given: Readonly<Record<string, unknown>> } {
  const all = Object.entries((values['images'] ?? {}) as Readonly<Record<string, unknown>>);
  const isPath = (entry: readonly [string, unknown]): entry is [string, string] => typeof entry[1] === 'string' && !/^https?:/i.test(entry[1]);
  return { names: all.map(([name]) => name), paths: Object.fromEntries(all.filter(isPath)), given: Object.fromEntries(all.filter((entry) => !isPath(entry))) };
}

function imageSourceOf(values: SettingValues, host: PluginHost): ImageSource {
  const { names, paths, given } = imagesOf(values);
  const settings = readImageSettings(given, values);
  return createImageSource({ names, paths, given: settings && createGivenImages({ ...settings, folder: resolve(settings.folder), host, idleMs: Number(values['callTimeout'] ?? 30_000) }) });
}

function optionsOf(values: SettingValues, host: PluginHost): HostsOptions {
  const { log } = host;
  const directory = resolve(String(values['directory']));
  const mark = (bytes: number): string => randomBytes(bytes).toString('hex');
  const msOf = (name: string, standard: number): number => Number(values[name] ?? standard);
  const limitOf = (name: string): number => (values[name] === undefined ? Infinity : Number(values[name]));
  return {
    directory, images: imageSourceOf(values, host), image: String(values['image'] ?? imagesOf(values).names[0] ?? ''),
    claims: createClaims({ directory, mark: () => mark(8) }),
    callTimeoutMs: msOf('callTimeout', 30_000), connectTimeoutMs: msOf('connectTimeout', 10_000), restMs: msOf('retryAfter', 15_000), stopTimeoutMs: msOf('stopTimeout', 60_000),
    books: { volumes: openBook(join(directory, 'volumes'), () => mark(8)), attachments: openBook(join(directory, 'attachments'), () => mark(8)) },
    volumeLimit: { volumes: limitOf('maxVolumes'), volumeGb: limitOf('maxVolumeGb') }, turn: createSharedTurns(join(directory, 'volumes.lock')), pause,
    log, now: () => host.now(), nonce: () => mark(4),
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((cause: unknown) => {
    throw new FogbowError('cloud-unavailable', 'There was no time left to wait for the machine.', { cause });
  });
}
