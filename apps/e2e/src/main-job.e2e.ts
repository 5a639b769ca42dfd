/**
 * The story of the README, told by a machine: start, order three from a member that has room for two, log in to all, delete, lose machines,
 * restart. Exit status 0 only when every step holds. Options: --keep leaves everything running, --port-base N (default 29200),
 * --only TEXT tells only the chapters whose name has the text, after the start.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lostMachines } from './main-job/lost-machines.js';
import { occi } from './main-job/occi.js';
import { requirements } from './main-job/requirements.js';
import { restarts, wipe } from './main-job/restarts.js';
import { startUp } from './main-job/start-up.js';
import { threeMachines } from './main-job/three-machines.js';
import { validity } from './main-job/validity.js';
import { cleanSlate, createWorld } from './main-job/world.js';
import { runStory } from './run-story.js';
import { createSshUser } from './ssh.js';
import { createFederation, endOrKeep } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { StoryEnd } from './story.js';

async function tell(federation: TestFederation, keep: boolean, only: string): Promise<StoryEnd> {
  const folder = join(federation.data, '..');
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  const world = createWorld({ federation, alice, stranger });
  const chapters = [startUp, threeMachines, occi, requirements, lostMachines, validity, restarts].map((chapter) => chapter(world))
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  const end = await tellStory(chapters, () => cleanSlate(world));
  const last = keep || end.failed > 0 ? { held: 0, failed: 0 } : await tellStory([wipe(world)], () => Promise.resolve());
  return { held: end.held + last.held, failed: end.failed + last.failed, skipped: end.skipped };
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '29200' }, only: { type: 'string', default: '' } } });
runStory({
  open(endings) {
    const federation = createFederation({ portBase: Number(values['port-base']) });
    endings.push(() => endOrKeep(federation, values.keep));
    return Promise.resolve(federation);
  },
  tell: (federation) => tell(federation, values.keep, values.only),
});
