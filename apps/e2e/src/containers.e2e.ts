/**
 * A member whose cloud is a real container engine, which this story starts for itself: the conformance suites against it; order, overflow, log in,
 * delete; what limits and rights machines have; what happens when containers are killed, the engine restarts or dies, an image is missing, a limit is
 * reached. Exit status 0 only when every step holds, 77 when no engine can run here. Options: --port-base N (default 26900), --only TEXT
 * tells only the chapters whose name has the text, after the start; --no-install installs no missing Debian package.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNoContainerEngine } from '@fogbow/embedded-servers';
import { conformance } from './containers/conformance.js';
import { createContainerWorld, startEngine, writeCloudFile } from './containers/container-world.js';
import type { ContainerWorld } from './containers/container-world.js';
import { faults } from './containers/faults.js';
import { machinesThere, startWithEngine } from './containers/machines-there.js';
import { networksThere } from './containers/networks-there.js';
import { rightsAndLimits } from './containers/rights-and-limits.js';
import { cleanSlate, createWorld } from './main-job/world.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { StoryEnd } from './story.js';

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '26900' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } } });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function tell(world: ContainerWorld): Promise<StoryEnd> {
  const chapters = [conformance, startWithEngine, machinesThere, rightsAndLimits, networksThere, faults].map((chapter) => chapter(world))
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(values.only.toLowerCase()));
  return await tellStory(chapters, async () => {
    if (world.isStarted()) await cleanSlate(world.world);
    await world.noContainers();
  });
}

async function open(endings: Endings): Promise<ContainerWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-engine-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await startEngine();
  endings.push(() => engine.dispose());
  const cloudFile = writeCloudFile(folder, engine);
  const federation = createFederation({ portBase: Number(values['port-base']), args: ['--cloud-b', `cloud-containers=${cloudFile}`] });
  endings.push(() => federation.dispose());
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  return createContainerWorld(createWorld({ federation, alice, stranger }), engine);
}

runStory({ skip: () => whyNoContainerEngine(!values['no-install'], say), open, tell });
