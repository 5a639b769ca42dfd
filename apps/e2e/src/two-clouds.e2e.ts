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
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { createSshUser } from './ssh.js';
import { cloneRoot, createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import { containersFile, openstackFile, openWayOut } from './two-clouds/clouds.js';
import { overflow, startUp } from './two-clouds/overflow.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '26600' }, 'no-install': { type: 'boolean', default: false } } });

async function open(endings: Endings): Promise<Parameters<typeof startUp>[0]> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-two-clouds-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
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
  return { world: createWorld({ federation, alice, stranger }), site, engine };
}

runStory({
  skip: () => whyNoOpenStack(say, !values['no-install']) ?? whyNoContainerEngine(!values['no-install'], say),
  open,
  tell: (given) => tellStory([startUp(given), overflow(given)], () => given.world.home.removeAll()),
});
