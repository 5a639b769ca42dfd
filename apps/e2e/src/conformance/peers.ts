import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineDisk, startOpenStack, startSshHost, whyNoContainerEngine, whyNoMachineHost, whyNoOpenStack } from '@fogbow/embedded-servers';
import { containerSuites } from '../containers/conformance.js';
import { startEngine } from '../containers/container-world.js';
import { hostsSuites } from '../hosts/conformance.js';
import { openstackSuites } from '../openstack/conformance-chapter.js';
import { cloneRoot } from '../start-federation.js';
import type { SuiteRun } from './run-suites.js';

export type Say = (line: string) => void;

/** What suites are run against. */
export interface Peer {
  readonly name: string;
  /** A sentence where this machine has none and can get none. */
  missing(install: boolean, say: Say): string | undefined;
  /** Starts it; what ends it is in `endings` from the first process on, so that a start may be broken off. */
  start(say: Say, endings: Endings): Promise<SuiteRun>;
}

export type Endings = (() => Promise<void>)[];

const inProcess: Peer = {
  name: 'in process', missing: () => undefined,
  start: () => Promise.resolve({ args: ['libs/plugins', 'apps/manager/src/nested-cloud.test.ts', 'apps/manager/src/installed-plugins.test.ts', '-t', ' as an? '] }),
};

const containers: Peer = {
  name: 'containers', missing: (install, say) => whyNoContainerEngine(install, say),
  async start(_say, endings) {
    const engine = await startEngine();
    endings.push(() => engine.dispose());
    return containerSuites(engine);
  },
};

const openstack: Peer = {
  name: 'openstack', missing: (install, say) => whyNoOpenStack(say, install),
  start: async (say, endings) => openstackSuites(await startOpenStack({ folder: join(cloneRoot(), '.cache', 'openstack'), endings, say })),
};

const hosts: Peer = {
  name: 'hosts', missing: (install, say) => whyNoMachineHost(install, say),
  async start(_say, endings) {
    const disk = await machineDisk(cloneRoot());
    const folder = mkdtempSync(join(tmpdir(), 'fogbow-sshd-'));
    endings.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
    const there = await startSshHost(folder);
    endings.push(() => there.halt());
    return hostsSuites({ there, disk });
  },
};

export const PEERS: readonly Peer[] = [inProcess, containers, hosts, openstack];
