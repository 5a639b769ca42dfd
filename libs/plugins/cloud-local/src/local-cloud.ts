import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudPlugin, PluginHost, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { createDirectoryLock } from './directory-lock.js';
import { createLocalAttachments } from './local-attachments.js';
import { createLocalCompute } from './local-compute.js';
import { createLocalImages } from './local-images.js';
import { createLocalNetworks } from './local-networks.js';
import type { LocalCloudOptions } from './local-options.js';
import { createLocalPower } from './local-power.js';
import { createLocalVolumes } from './local-volumes.js';

/** The embedded cloud: machines are processes of this host, with an SSH server each. It isolates nothing. */
export const localCloud: PluginModule<CloudPlugin> = {
  name: 'cloud-local',
  settings: {
    directory: { type: 'path', meaning: 'Folder of the machines; Managers that name the same one share its machines and its limits.' },
    machineProgram: { type: 'path', meaning: 'The bundle that is a machine: dist/libs/plugins/cloud-local/machine/main.js.' },
    maxInstances: { type: 'integer', optional: true, min: 0, meaning: 'Machines at a time; absent: no limit.' },
    maxVcpu: { type: 'integer', optional: true, min: 0, meaning: 'vCPUs of all machines; they are counted, not enforced.' },
    maxRamMb: { type: 'integer', optional: true, min: 0, meaning: 'RAM of all machines in MB; it is counted, not enforced.' },
    maxVolumes: { type: 'integer', optional: true, min: 0, meaning: 'Volumes at a time; absent: no limit.' },
    maxVolumeGb: { type: 'integer', optional: true, min: 0, meaning: 'GB of all volumes; they are counted, and take the room that is written.' },
    maxNetworks: { type: 'integer', optional: true, min: 0, meaning: 'Networks at a time; absent: no limit.' },
    networkSshPort: { type: 'port', default: 2222, meaning: 'Port of the SSH servers of machines on their addresses in networks.' },
    sshUsername: { type: 'string', default: 'fogbow', meaning: 'User of the keys that the user data gives to nobody by name.' },
  },
  create(values, host) {
    const options = optionsOf(values, host);
    const { machineProgram, directory } = options;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const compute = createLocalCompute(options);
    return {
      compute,
      volumes: createLocalVolumes(options),
      networks: createLocalNetworks(options),
      attachments: createLocalAttachments(options),
      power: createLocalPower(options),
      images: createLocalImages(),
      // Whoever may run this process may use its machines: there is nobody to prove anything to.
      identity: { issue: () => Promise.resolve({ value: 'local' }) },
      async start(signal) {
        if (!existsSync('/proc/self/environ')) throw new FogbowError('internal', 'cloud-local needs Linux: it finds the processes of its machines in /proc.');
        if (!existsSync(machineProgram)) throw new FogbowError('internal', `cloud-local finds no machine program at ${machineProgram}.`);
        host.log.warn('cloud-local runs machines as processes of this host and isolates nothing.');
        await compute.startHost(signal);
      },
      stop: () => Promise.resolve(),
    };
  },
};

function optionsOf(values: SettingValues, host: PluginHost): LocalCloudOptions {
  const directory = resolve(String(values['directory']));
  return {
    directory,
    lock: createDirectoryLock(join(directory, 'lock')),
    machineProgram: resolve(String(values['machineProgram'])),
    limit: {
      instances: limitOf(values, 'maxInstances'), vcpu: limitOf(values, 'maxVcpu'), ramMb: limitOf(values, 'maxRamMb'),
      volumes: limitOf(values, 'maxVolumes'), volumeGb: limitOf(values, 'maxVolumeGb'), networks: limitOf(values, 'maxNetworks'),
    },
    sshUsername: String(values['sshUsername'] ?? 'fogbow'),
    networkSshPort: Number(values['networkSshPort'] ?? 2222),
    log: host.log,
    now: () => host.now(),
  };
}

function limitOf(values: SettingValues, name: string): number {
  return values[name] === undefined ? Infinity : Number(values[name]);
}
