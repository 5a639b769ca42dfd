/**
 * Two members on four hosts (network namespaces) whose insides cannot reach each other, and a user on a fifth: order, log in, delete; the same
 * with each leg between them cut and healed in the middle. Exit status 0 only when every step holds, 77 when hosts cannot be made here. Options:
 * --all also restarts Managers in the cuts, cuts deletions off on every leg, and tells it once more over a bad line; --only TEXT tells only the
 * chapters whose name has the text, after the start.
 */
import { parseArgs } from 'node:util';
import { sweep } from './crash-safety/order-and-delete.js';
import { badLine, cutLeg, undisturbed } from './partitions/cuts.js';
import { serveDoor } from './partitions/door-process.js';
import { DOOR } from './partitions/host-door.js';
import type { Lab } from './partitions/lab.js';
import { LEGS } from './partitions/layout.js';
import type { Leg } from './partitions/layout.js';
import { watchMachines } from './partitions/machine-watch.js';
import { createNetwork } from './partitions/network.js';
import { createEstate, removeAbandonedFolders, startMembers } from './partitions/start-members.js';
import { noWayIn, walls } from './partitions/walls.js';
import { whatIsMissing } from './partitions/what-is-missing.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { tellStory } from './story.js';
import type { StoryEnd } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Where deletions are cut off even when there is little time: on the leg that all of a deletion's messages take. */
const CORE_LEG: Leg = 'ext A – ext B';
/** Mostly the Manager that has lost its own outside. */
const RESTARTED = { 'A – ext A': 'manager-a', 'ext A – ext B': 'manager-b', 'ext B – B': 'manager-b' } as const;

async function openLab(endings: Endings): Promise<Lab> {
  const begun = performance.now();
  const network = createNetwork();
  const estate = createEstate(network, endings);
  await network.make();
  removeAbandonedFolders();
  const { world, doors, cloudDirectories } = await startMembers(network, estate, process.argv[1] as string);
  const watch = watchMachines(cloudDirectories, [world.home.id, world.abroad.id]);
  endings.push(() => watch.stop());
  say(`Everything runs after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return { network, world, doors, watch };
}

async function tell(lab: Lab, { all, only }: { readonly all: boolean; readonly only: string }): Promise<StoryEnd> {
  const cuts = LEGS.map((leg) => cutLeg(lab, { leg, deletions: all || leg === CORE_LEG, ...(all ? { restarted: RESTARTED[leg] } : {}) }));
  const chapters = [walls(lab), undisturbed(lab), ...cuts, ...(all ? [badLine(lab)] : []), noWayIn(lab)].filter(({ name, isEssential }) => isEssential || name.includes(only));
  return await tellStory(chapters, async () => {
    for (const leg of LEGS) await lab.network.heal(leg);
    await sweep(lab.world);
  });
}

if (process.argv[2] === DOOR) serveDoor();
else {
  const { values } = parseArgs({ options: { all: { type: 'boolean', default: false }, only: { type: 'string', default: '' } } });
  runStory({ skip: whatIsMissing, open: openLab, tell: (lab) => tell(lab, values) });
}
