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
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import { tellStory } from './story.js';

/** Exit status of a story that cannot be told here; automake's, which CI knows. */
const SKIPPED = 77;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function tell(world: ContainerWorld, only: string): Promise<boolean> {
  const chapters = [conformance, startWithEngine, machinesThere, rightsAndLimits, networksThere, faults].map((chapter) => chapter(world))
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  const { held, failed, skipped } = await tellStory(chapters, async () => {
    if (world.isStarted()) await cleanSlate(world.world);
    await world.noContainers();
  });
  say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}`);
  return failed === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '26900' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } } });
  const missing = whyNoContainerEngine(!values['no-install'], say);
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-engine-'));
  const endings: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= (async () => { for (const one of endings.reverse()) await one(); })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    const engine = await startEngine();
    endings.push(() => engine.dispose());
    const cloudFile = writeCloudFile(folder, engine);
    const federation = createFederation({ portBase: Number(values['port-base']), args: ['--cloud-b', `cloud-containers=${cloudFile}`] });
    endings.push(() => federation.dispose());
    const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
    return await tell(createContainerWorld(createWorld({ federation, alice, stranger }), engine), values.only) ? 0 : 1;
  } finally {
    await end();
  }
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
