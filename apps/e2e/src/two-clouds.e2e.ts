/**
 * `npm start` with a real OpenStack at member A and a real container engine at member B, by the files in deploy/examples: orders at A overflow to B. Exit
 * status 0 only when every step holds, 77 when one of the two clouds cannot run here. Options: --port-base N (default 26600), --no-install.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startOpenStack, whyNoContainerEngine, whyNoOpenStack } from '@fogbow/embedded-servers';
import { startEngine } from './containers/container-world.js';
import { createWorld } from './main-job/world.js';
import { emptyProject } from './openstack/lab.js';
import { openEyes } from './openstack/nova-eyes.js';
import { createSshUser } from './ssh.js';
import { cloneRoot, createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import { containersFile, openstackFile, openWayOut } from './two-clouds/clouds.js';
import { overflow, startUp } from './two-clouds/overflow.js';

/** Exit status of a story that cannot be told here; automake's, which CI knows. */
const SKIPPED = 77;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '26600' }, 'no-install': { type: 'boolean', default: false } } });
  const missing = whyNoOpenStack(say, !values['no-install']) ?? whyNoContainerEngine(!values['no-install'], say);
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-two-clouds-'));
  const endings: (() => Promise<void>)[] = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= (async () => { for (const one of endings.splice(0).reverse()) await one().catch((error: unknown) => say(String(error))); })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    const begun = performance.now();
    const { site } = await startOpenStack({ folder: join(cloneRoot(), '.cache', 'openstack'), endings, say });
    say(`OpenStack runs after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    await emptyProject(await openEyes(site));
    endings.push(await openWayOut(site));
    const engine = await startEngine();
    endings.push(() => engine.dispose());
    const args = ['--cloud-a', `cloud-openstack=${openstackFile(folder, site)}`, '--cloud-b', `cloud-containers=${containersFile(folder, engine)}`];
    const federation = createFederation({ portBase: Number(values['port-base']), args });
    endings.push(() => federation.dispose());
    const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
    const given = { world: createWorld({ federation, alice, stranger }), site, engine };
    const { held, failed, skipped } = await tellStory([startUp(given), overflow(given)], () => given.world.home.removeAll());
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
