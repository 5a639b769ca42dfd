import { existsSync } from 'node:fs';
import type { CloudPlugin, PluginHost, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { parseIpv4Range } from '@fogbow/request-model';
import { createContainersCompute } from './containers-compute.js';
import { createContainersImages } from './containers-images.js';
import { createContainersNetworks } from './containers-networks.js';
import type { ContainersOptions, MachineOptions } from './containers-options.js';
import { createContainersPower } from './containers-power.js';
import { createContainersVolumes } from './containers-volumes.js';
import { createEngineContainers } from './engine-containers.js';
import { expecting } from './engine-faults.js';
import { createEngineWire } from './engine-wire.js';
import type { EngineAddress } from './engine-wire.js';
import { createMachineShelf } from './machine-shelf.js';
import { createTurns } from './turns.js';

const FILES = ['caFile', 'certFile', 'keyFile'] as const;
const IMAGE = 'fogbow-machine';

/** Machines as containers of a Docker Engine, with an SSH server each. Containers share the kernel of their host. */
export const containersCloud: PluginModule<CloudPlugin> = {
  name: 'cloud-containers',
  settings: {
    socket: { type: 'path', default: '/var/run/docker.sock', meaning: 'Unix socket of the engine; without effect where url is given.' },
    url: { type: 'url', optional: true, meaning: 'Address of an engine on another host, such as https://engine.example:2376; needs caFile, certFile and keyFile.' },
    caFile: { type: 'path', optional: true, meaning: 'Certificates (PEM) of those who vouch for the engine.' },
    certFile: { type: 'path', optional: true, meaning: 'Our certificate (PEM), by which the engine knows us.' },
    keyFile: { type: 'path', optional: true, meaning: 'The key (PEM) of our certificate.' },
    prefix: { type: 'string', default: 'cloud', meaning: 'Beginning of the names in the engine: 1 to 20 of a-z, 0-9. Clouds of one member that share an engine have different ones.' },
    images: { type: 'map', default: { [IMAGE]: `${IMAGE}:1` }, meaning: 'Name of each image for users → its reference in the engine. Nothing is pulled.' },
    image: { type: 'string', optional: true, meaning: 'The image of orders that name none; absent: the first of images.' },
    network: { type: 'string', default: 'bridge', meaning: 'Network of the engine from which machines dial out; a bridge.' },
    networkRanges: { type: 'list', default: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'], meaning: 'Ranges (CIDR) within which users may have networks; leave out those of the host.' },
    pids: { type: 'integer', default: 512, min: 16, meaning: 'Processes and threads of one machine at most.' },
    diskQuota: { type: 'boolean', default: false, meaning: 'Tell the engine to hold machines to their disk size; its storage must be able to (overlay2 on XFS with pquota).' },
    maxInstances: { type: 'integer', optional: true, min: 0, meaning: 'Machines at a time; absent: no limit.' },
    maxVcpu: { type: 'integer', optional: true, min: 0, meaning: 'vCPUs of all machines; absent: no limit.' },
    maxRamMb: { type: 'integer', optional: true, min: 0, meaning: 'RAM of all machines in MB; absent: no limit.' },
    maxVolumes: { type: 'integer', optional: true, min: 0, meaning: 'Volumes at a time; absent: no limit.' },
    maxVolumeGb: { type: 'integer', optional: true, min: 0, meaning: 'GB of all volumes; they are counted, not enforced.' },
    maxNetworks: { type: 'integer', optional: true, min: 0, meaning: 'Networks at a time; absent: no limit.' },
    sshUsername: { type: 'string', default: 'fogbow', meaning: 'User of the keys that the user data gives to nobody by name.' },
    callTimeout: { type: 'duration', default: '30s', meaning: 'How long one call to the engine may take.' },
  },
  check: settingFaults,
  create(values, host) {
    const options = optionsOf(values, host);
    const { own, wire } = options;
    const containers = createEngineContainers(wire, own, options.machine.network);
    const shelf = createMachineShelf(containers, own, host.log);
    const networks = createContainersNetworks(options, containers);
    const volumes = createContainersVolumes(options);
    return {
      compute: createContainersCompute(options, { containers, shelf, volumes, networks }),
      volumes, networks,
      power: createContainersPower(containers, shelf),
      images: createContainersImages(options),
      // The engine knows us by our socket or certificate; it has no tokens.
      identity: { issue: () => Promise.resolve({ value: 'engine' }) },
      /** An engine that is not there yet is no reason not to start: orders wait for it. */
      async start(signal) {
        const answer = await wire({ method: 'GET', path: '/version', signal }).then((one) => expecting(one, [200], 'tell its version'), (error: Error) => error);
        if (answer instanceof Error) host.log.warn('the container engine does not answer', { reason: answer.message });
        else host.log.info('the container engine answers', { version: (answer.body as { Version?: string }).Version });
      },
      stop: () => Promise.resolve(),
    };
  },
};

function settingFaults(values: SettingValues): string[] {
  const { url, prefix, network, networkRanges } = values;
  const files = FILES.filter((name) => values[name] !== undefined);
  const { images, image } = machineOf(values);
  return [
    ...(String(url ?? '').startsWith('https:') && files.length < FILES.length ? ['an https url needs caFile, certFile and keyFile.'] : []),
    ...(url !== undefined && !/^https:/.test(String(url)) && !isLoopback(String(url)) ? ['a url that is not https is taken for this host only: whoever can speak to an engine is root there.'] : []),
    ...files.filter((name) => !existsSync(String(values[name]))).map((name) => `${name} names a file that is not there: ${String(values[name])}.`),
    ...(/^[a-z0-9]{1,20}$/.test(String(prefix ?? 'cloud')) ? [] : ['prefix must be 1 to 20 of a-z and 0-9.']),
    ...(['host', 'none'].includes(String(network)) || String(network).startsWith('container:') ? [`network must be a bridge of the engine; from ${String(network)} machines cannot be told apart.`] : []),
    ...((networkRanges as readonly string[] | undefined) ?? []).filter((range) => !parseIpv4Range(range)).map((range) => `networkRanges: ${range} is no CIDR without host bits.`),
    ...(image in images ? [] : [`images must have the image ${image}.`]),
    ...Object.entries(images).filter(([, reference]) => typeof reference !== 'string').map(([name]) => `images: ${name} must be the reference of an image.`),
  ];
}

const isLoopback = (url: string): boolean => /^(?:127\.|localhost$|\[::1\]$)/.test(new URL(url).hostname);

function machineOf(values: SettingValues): MachineOptions {
  const images = (values['images'] ?? { [IMAGE]: `${IMAGE}:1` }) as Readonly<Record<string, string>>;
  return {
    images, image: String(values['image'] ?? Object.keys(images)[0] ?? IMAGE), network: String(values['network'] ?? 'bridge'), pids: Number(values['pids'] ?? 512),
    diskQuota: values['diskQuota'] === true, sshUsername: String(values['sshUsername'] ?? 'fogbow'),
  };
}

function addressOf(values: SettingValues): EngineAddress {
  const given = (['url', ...FILES] as const).flatMap((name) => (values[name] === undefined ? [] : [[name, String(values[name])] as const]));
  return { socket: String(values['socket'] ?? '/var/run/docker.sock'), ...Object.fromEntries(given) };
}

function optionsOf(values: SettingValues, host: PluginHost): ContainersOptions {
  const limitOf = (name: string): number => (values[name] === undefined ? Infinity : Number(values[name]));
  return {
    own: { prefix: String(values['prefix'] ?? 'cloud'), memberId: host.memberId },
    wire: createEngineWire(addressOf(values), Number(values['callTimeout'] ?? 30_000)),
    turns: createTurns(),
    limit: {
      instances: limitOf('maxInstances'), vcpu: limitOf('maxVcpu'), ramMb: limitOf('maxRamMb'),
      volumes: limitOf('maxVolumes'), volumeGb: limitOf('maxVolumeGb'), networks: limitOf('maxNetworks'),
    },
    machine: machineOf(values),
    networkRanges: (values['networkRanges'] as readonly string[] | undefined) ?? ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
    log: host.log,
    now: () => host.now(),
  };
}
