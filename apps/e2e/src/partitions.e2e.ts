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
import type { Network } from './partitions/network.js';
import { createEstate, endEstate, removeAbandonedFolders, startMembers } from './partitions/start-members.js';
import type { Estate } from './partitions/start-members.js';
import { noWayIn, walls } from './partitions/walls.js';
import { SKIPPED, whatIsMissing } from './partitions/what-is-missing.js';
import { tellStory } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Where deletions are cut off even when there is little time: on the leg that all of a deletion's messages take. */
const CORE_LEG: Leg = 'ext A – ext B';
/** Mostly the Manager that has lost its own outside. */
const RESTARTED = { 'A – ext A': 'manager-a', 'ext A – ext B': 'manager-b', 'ext B – B': 'manager-b' } as const;

async function openLab(network: Network, estate: Estate): Promise<Lab> {
  const { world, doors, cloudDirectories } = await startMembers(network, estate, process.argv[1] as string);
  const watch = watchMachines(cloudDirectories, [world.home.id, world.abroad.id]);
  estate.endings.push(() => watch.stop());
  return { network, world, doors, watch };
}

async function tell(lab: Lab, { all, only }: { readonly all: boolean; readonly only: string }): Promise<boolean> {
  const cuts = LEGS.map((leg) => cutLeg(lab, { leg, deletions: all || leg === CORE_LEG, ...(all ? { restarted: RESTARTED[leg] } : {}) }));
  const chapters = [walls(lab), undisturbed(lab), ...cuts, ...(all ? [badLine(lab)] : []), noWayIn(lab)].filter(({ name, isEssential }) => isEssential || name.includes(only));
  const { held, failed, skipped } = await tellStory(chapters, async () => {
    for (const leg of LEGS) await lab.network.heal(leg);
    await sweep(lab.world);
  });
  say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}`);
  return failed === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { all: { type: 'boolean', default: false }, only: { type: 'string', default: '' } } });
  const missing = whatIsMissing();
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const begun = performance.now();
  const network = createNetwork();
  const estate = createEstate(network);
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= endEstate(estate));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    await network.make();
    removeAbandonedFolders();
    const lab = await openLab(network, estate);
    say(`Everything runs after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    return await tell(lab, values) ? 0 : 1;
  } finally {
    await end();
    say(`${((performance.now() - begun) / 1000).toFixed(1)} s in all`);
  }
}

if (process.argv[2] === DOOR) serveDoor();
else {
  main().then((status) => process.exit(status), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}
