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
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
type Tale = readonly [name: string, tell: (given: PowerWorld) => Chapter];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: {
    'port-base': { type: 'string', default: '27500' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false }, 'no-engine': { type: 'boolean', default: false },
  } });
  const missing = values['no-engine'] ? 'it was not wanted.' : whyNoContainerEngine(!values['no-install'], say);
  if (missing !== undefined) say(`B has no container engine, and so no machine with OpenSSH for its server: ${missing}`);
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-power-'));
  const endings: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= (async () => { for (const one of endings.reverse()) await one(); })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    const engine = missing === undefined ? await startEngine() : undefined;
    if (engine) endings.push(() => engine.dispose());
    const federation = createFederation({ portBase: Number(values['port-base']), args: engine ? ['--cloud-b', `cloud-containers=${writeCloudFile(folder, engine)}`] : [] });
    endings.push(() => federation.dispose());
    const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
    const given = createPowerWorld(createWorld({ federation, alice, stranger }), folder);
    const tales: readonly Tale[] = [['measured', measured], ['faults', faults], ['killed', killed], ['abroad', abroad], ...(engine ? [['openssh', withOpenSsh] as const] : [])];
    const begun = performance.now();
    const start = await tellStory([startMeasuring(given)], () => Promise.resolve());
    const told = start.failed > 0 ? start : await tellStory(tales.filter(([name]) => values.only.split(',').some((text) => name.includes(text))).map(([, tell]) => tell(given)), async () => {
      for (const string of ['hold', 'hang'] as const) given.set(string, false);
      await cleanSlate(given.world);
    });
    say(`\n${(start === told ? 0 : start.held) + told.held} steps held, ${told.failed} failed${told.skipped > 0 ? `, ${told.skipped} were not tried` : ''}; ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    return told.failed === 0 ? 0 : 1;
  } finally {
    await end();
  }
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
