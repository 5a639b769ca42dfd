import { join } from 'node:path';
import { SITE_VARIABLE } from '@fogbow/embedded-servers';
import type { RunningOpenStack } from '@fogbow/embedded-servers';
import { sayWhatHolds } from '../conformance/run-suites.js';
import type { SuiteRun } from '../conformance/run-suites.js';
import { cloneRoot } from '../start-federation.js';
import type { Chapter } from '../story.js';

const SUITES = {
  'a compute cloud, and its identity': 'as a compute cloud', 'a catalogue of images': 'as a catalogue of images', 'a network cloud': 'as a network cloud', 'a volume cloud': 'as a volume cloud',
  'an attachment cloud': 'as an attachment cloud', 'a switch of machines': 'as a switch of machines',
};

export const openstackSuites = ({ siteFile }: Pick<RunningOpenStack, 'siteFile'>): SuiteRun =>
  ({ args: ['-c', join(cloneRoot(), 'apps/e2e/src/openstack/conformance.jest.cjs')], env: { [SITE_VARIABLE]: siteFile } });

/** The suites of libs/plugin-conformance over the plugin, each rule on an empty project. */
export function conformance(cloud: Pick<RunningOpenStack, 'siteFile'>): Chapter {
  const { args, env } = openstackSuites(cloud);
  const step = (suite: string) => (): Promise<string> => sayWhatHolds({ args: [...args, '-t', suite], ...(env ? { env } : {}) });
  return { name: 'Conformance: the contracts, held by the plugin over the real services', steps: Object.entries(SUITES).map(([name, suite]) => [name, step(suite)] as const) };
}
