import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudPlugin, PluginModule, SettingValues } from '@fogbow/plugin-contracts';
import { createLocalCompute } from './local-compute.js';

/** The embedded cloud: machines are processes of this host, with an SSH server each. It isolates nothing. */
export const localCloud: PluginModule<CloudPlugin> = {
  name: 'cloud-local',
  settings: {
    directory: { type: 'path', meaning: 'Folder of the machines; Managers that name the same one share its machines and its limits.' },
    machineProgram: { type: 'path', meaning: 'The bundle that is a machine: dist/libs/plugins/cloud-local/machine/main.js.' },
    maxInstances: { type: 'integer', optional: true, min: 0, meaning: 'Machines at a time; absent: no limit.' },
    maxVcpu: { type: 'integer', optional: true, min: 0, meaning: 'vCPUs of all machines; they are counted, not enforced.' },
    maxRamMb: { type: 'integer', optional: true, min: 0, meaning: 'RAM of all machines in MB; it is counted, not enforced.' },
    sshUsername: { type: 'string', default: 'fogbow', meaning: 'User of the keys that the user data gives to nobody by name.' },
  },
  create(values, host) {
    const machineProgram = resolve(String(values['machineProgram']));
    const compute = createLocalCompute({
      directory: resolve(String(values['directory'])),
      machineProgram,
      limit: { instances: limitOf(values, 'maxInstances'), vcpu: limitOf(values, 'maxVcpu'), ramMb: limitOf(values, 'maxRamMb') },
      sshUsername: String(values['sshUsername'] ?? 'fogbow'),
      now: () => host.now(),
    });
    return {
      compute,
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

function limitOf(values: SettingValues, name: string): number {
  return values[name] === undefined ? Infinity : Number(values[name]);
}
