/**
 * Members that measure their machines by SSH before the users are told of them: the key that can run the measurement and nothing else, what is left of it, the accounts; a probe that hangs, a
 * machine that lets nobody in, the Manager killed in the middle. Member A has cloud-local; B has a container engine that this story starts for itself, and so OpenSSH for the server of its machines,
 * or cloud-local where none can run. Exit status 0 only when every step holds. Options: --port-base N (default 27500), --only NAMES tells only some of the chapters measured, faults, killed, abroad and openssh, after
 * the start; --no-install installs no missing Debian package, --no-engine starts no engine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNoContainerEngine } from '@fogbow/embedded-servers';
import { abroad, withOpenSsh } from './benchmarking/abroad.js';
import { faults, killed } from './benchmarking/faults.js';
import { measured, startMeasuring } from './benchmarking/measured.js';
import { createPowerWorld } from './benchmarking/power-world.js';
import type { PowerWorld } from './benchmarking/power-world.js';
import { startEngine, writeCloudFile } from './containers/container-world.js';
import { cleanSlate, createWorld } from './main-job/world.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { Chapter, StoryEnd } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
type Tale = readonly [name: string, tell: (given: PowerWorld) => Chapter];

const { values } = parseArgs({ options: {
  'port-base': { type: 'string', default: '27500' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false }, 'no-engine': { type: 'boolean', default: false },
} });

interface Place {
  readonly given: PowerWorld;
  readonly hasEngine: boolean;
}

async function open(endings: Endings): Promise<Place> {
  const missing = values['no-engine'] ? 'it was not wanted.' : whyNoContainerEngine(!values['no-install'], say);
  if (missing !== undefined) say(`B has no container engine, and so no machine with OpenSSH for its server: ${missing}`);
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-power-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const engine = missing === undefined ? await startEngine() : undefined;
  if (engine) endings.push(() => engine.dispose());
  const federation = createFederation({ portBase: Number(values['port-base']), args: engine ? ['--cloud-b', `cloud-containers=${writeCloudFile(folder, engine)}`] : [] });
  endings.push(() => federation.dispose());
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  return { given: createPowerWorld(createWorld({ federation, alice, stranger }), folder), hasEngine: engine !== undefined };
}

async function tell({ given, hasEngine }: Place): Promise<StoryEnd> {
  const tales: readonly Tale[] = [['measured', measured], ['faults', faults], ['killed', killed], ['abroad', abroad], ...(hasEngine ? [['openssh', withOpenSsh] as const] : [])];
  const start = await tellStory([startMeasuring(given)], () => Promise.resolve());
  if (start.failed > 0) return start;
  const told = await tellStory(tales.filter(([name]) => values.only.split(',').some((text) => name.includes(text))).map(([, tale]) => tale(given)), async () => {
    for (const string of ['hold', 'hang'] as const) given.set(string, false);
    await cleanSlate(given.world);
  });
  return { ...told, held: start.held + told.held };
}

runStory({ open, tell });
