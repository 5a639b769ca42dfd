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
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';

async function tell(federation: TestFederation, keep: boolean, only: string): Promise<boolean> {
  const folder = join(federation.data, '..');
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  const world = createWorld({ federation, alice, stranger });
  const chapters = [startUp, threeMachines, occi, requirements, lostMachines, validity, restarts].map((chapter) => chapter(world))
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  const end = await tellStory(chapters, () => cleanSlate(world));
  const last = keep || end.failed > 0 ? { held: 0, failed: 0 } : await tellStory([wipe(world)], () => Promise.resolve());
  const failed = end.failed + last.failed;
  process.stdout.write(`\n${end.held + last.held} steps held, ${failed} failed${end.skipped > 0 ? `, ${end.skipped} were not tried` : ''}\n`);
  return failed === 0;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, 'port-base': { type: 'string', default: '29200' }, only: { type: 'string', default: '' } } });
  const federation = createFederation({ portBase: Number(values['port-base']) });
  const end = async (): Promise<void> => {
    if (!values.keep) return federation.dispose();
    process.stdout.write(`Kept in ${federation.data}; end it with: npm stop -- --data ${federation.data} --fresh\n`);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    if (!(await tell(federation, values.keep, values.only))) process.exitCode = 1;
  } finally {
    await end();
  }
}

void main();
