import type { SshHost } from '@fogbow/embedded-servers';
import { sayWhatHolds } from '../conformance/run-suites.js';
import type { SuiteRun } from '../conformance/run-suites.js';
import type { Chapter } from '../story.js';
import type { HostsWorld } from './hosts-world.js';

/** The suites are told by their environment of the host by ssh and of the disk with a system. */
export const hostsSuites = ({ there: { username, port, keyFile, hostKey }, disk }: { readonly there: SshHost; readonly disk: string }): SuiteRun => ({
  args: ['--testMatch', '**/cloud-hosts/src/testing/*.conformance.ts'],
  env: { FOGBOW_FAR_HOST: JSON.stringify({ at: `ssh://${username}@127.0.0.1:${port}`, keyFile, hostKey }), FOGBOW_MACHINE_DISK: disk },
});

export function conformance(given: HostsWorld): Chapter {
  return {
    name: 'Conformance with real machines of QEMU',
    steps: [['cloud-hosts holds every rule of its contracts', () => sayWhatHolds(hostsSuites(given))]],
  };
}
