import { join } from 'node:path';
import { startOpenStack, whyNoContainerEngine, whyNoOpenStack } from '@fogbow/embedded-servers';
import { containerSuites } from '../containers/conformance.js';
import { startEngine } from '../containers/container-world.js';
import { openstackSuites } from '../openstack/conformance-chapter.js';
import { cloneRoot } from '../start-federation.js';
import type { SuiteRun } from './run-suites.js';

export type Say = (line: string) => void;

/** What suites are run against. */
export interface Peer {
  readonly name: string;
  /** A sentence where this machine has none and can get none. */
  missing(install: boolean, say: Say): string | undefined;
  /** Starts it and runs the work; whatever was started has ended when this resolves. */
  with<Result>(say: Say, work: (run: SuiteRun) => Promise<Result>): Promise<Result>;
}

const inProcess: Peer = {
  name: 'in process', missing: () => undefined,
  with: (_say, work) => work({ args: ['libs/plugins', 'apps/manager/src/nested-cloud.test.ts', 'apps/manager/src/installed-plugins.test.ts', '-t', ' as an? '] }),
};

const containers: Peer = {
  name: 'containers', missing: (install, say) => whyNoContainerEngine(install, say),
  async with(_say, work) {
    const engine = await startEngine();
    return await work(containerSuites(engine)).finally(() => engine.dispose());
  },
};

const openstack: Peer = {
  name: 'openstack', missing: (install, say) => whyNoOpenStack(say, install),
  async with(say, work) {
    const endings: (() => Promise<void>)[] = [];
    try {
      return await work(openstackSuites(await startOpenStack({ folder: join(cloneRoot(), '.cache', 'openstack'), endings, say })));
    } finally {
      for (const end of endings.reverse()) await end();
    }
  },
};

export const PEERS: readonly Peer[] = [inProcess, containers, openstack];
