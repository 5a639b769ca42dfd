/**
 * The plugin cloud-openstack against a real OpenStack on this host: the conformance suites, a Manager whose orders become servers of Nova,
 * and faults staged on the services themselves. Exit status 0 only when every step holds, 77 when no OpenStack can run here. Options:
 * --only TEXT tells only the chapters whose name has the text; --fresh makes the databases anew (a minute or two);
 * --no-install forbids apt-get.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startOpenStack, whyNoOpenStack } from '@fogbow/embedded-servers';
import type { RunningOpenStack } from '@fogbow/embedded-servers';
import { conformance } from './openstack/conformance-chapter.js';
import { faults } from './openstack/faults.js';
import { images, publishImage } from './openstack/images.js';
import { emptyProject, sweep } from './openstack/lab.js';
import { openNovaDoor } from './openstack/nova-door.js';
import { openEyes } from './openstack/nova-eyes.js';
import { orders } from './openstack/orders.js';
import { startOpenStackManager } from './openstack/start-manager.js';
import { cloneRoot } from './start-federation.js';
import { tellStory } from './story.js';
import type { Chapter, StoryEnd } from './story.js';

/** Exit status of a story that cannot be told here; automake's, which CI knows. */
const SKIPPED = 77;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

type Endings = (() => Promise<void>)[];

/** The Manager first: the suites need the project empty, and the chapters before them leave it so. */
async function tell(cloud: RunningOpenStack, only: string, endings: Endings): Promise<StoryEnd> {
  const isWanted = ({ name }: Chapter): boolean => name.toLowerCase().includes(only.toLowerCase());
  const eyes = await openEyes(cloud.site);
  await emptyProject(eyes);
  const door = await openNovaDoor(cloud.site);
  endings.push(() => door.close());
  const publisher = await publishImage();
  endings.push(() => publisher.close());
  const manager = await startOpenStackManager(cloud.site, {}, publisher.settings);
  endings.push(() => manager.stop());
  const lab = { cloud, site: cloud.site, home: manager.home, eyes, door };
  const first = await tellStory([orders(lab), images(lab, publisher), ...faults(lab)].filter(isWanted), () => sweep(lab)).finally(() => manager.stop());
  const second = await tellStory([conformance(cloud)].filter(isWanted), () => Promise.resolve());
  return { held: first.held + second.held, failed: first.failed + second.failed, skipped: first.skipped + second.skipped };
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, fresh: { type: 'boolean', default: false }, 'no-install': { type: 'boolean', default: false } } });
  const missing = whyNoOpenStack(say, !values['no-install']);
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const begun = performance.now();
  const endings: Endings = [];
  const end = async (): Promise<void> => {
    for (const one of endings.splice(0).reverse()) await one();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    const cloud = await startOpenStack({ folder: join(cloneRoot(), '.cache', 'openstack'), fresh: values.fresh, endings, say });
    say(`OpenStack runs after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    const { held, failed, skipped } = await tell(cloud, values.only, endings);
    say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}; ${((performance.now() - begun) / 1000).toFixed(0)} s in all`);
    return failed === 0 ? 0 : 1;
  } finally {
    await end();
  }
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
