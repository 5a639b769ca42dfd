/**
 * What a machine does with its user data: the script runs on a real dash and a real busybox with the real OpenSSH and dropbear clients, dials a real
 * tunnel, refuses another host key, comes back after the tunnel's death, goes on to the next endpoint, and opens services by itself.
 * Exit status 0 only when every step holds, 77 when a program is missing. Options: --port-base N (default 32300), --only TEXT tells only the
 * chapters whose name has the text, after the start; --no-install installs no missing Debian package.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPrograms, installPackage } from '@fogbow/embedded-servers';
import { createBootstrapWorld } from './bootstrap/bootstrap-world.js';
import type { BootstrapWorld } from './bootstrap/bootstrap-world.js';
import { elsewhere, firstPorts, moreServices } from './bootstrap/chapters.js';
import { createWorld } from './main-job/world.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { StoryEnd } from './story.js';

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '32300' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } } });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Program and the Debian package that has it. */
const NEEDED = [['dash', 'dash'], ['busybox', 'busybox'], ['ssh', 'openssh-client'], ['dbclient', 'dropbear-bin'], ['curl', 'curl'], ['wget', 'wget'], ['openssl', 'openssl']] as const;

function whatIsMissing(mayInstall: boolean): string | undefined {
  const isMissing = ([program]: readonly [string, string]): boolean => findPrograms(program).length === 0;
  const missing = NEEDED.filter((one) => isMissing(one) && !(mayInstall && installPackage(one[1], say) && !isMissing(one))).map(([program]) => program);
  return missing.length > 0 ? `${missing.join(', ')} cannot be had here.` : undefined;
}

type Lab = BootstrapWorld & { begin(): Promise<void> };

async function open(endings: Endings): Promise<Lab> {
  const portBase = Number(values['port-base']);
  // Sessions in processes of their own, as on a host with several cores.
  const federation = createFederation({ portBase, env: { FOGBOW_WORKERS: '2' } });
  endings.push(() => federation.dispose());
  const folder = join(federation.data, '..');
  const world = createWorld({ federation, alice: await createSshUser(folder, 'alice'), stranger: await createSshUser(folder, 'stranger') });
  const lab = createBootstrapWorld(world, portBase);
  endings.push(() => lab.close());
  return lab;
}

async function tell(lab: Lab): Promise<StoryEnd> {
  const start = {
    name: 'Start', isEssential: true,
    steps: [
      ['two members', () => lab.world.federation.start()],
      ['the tunnel of a gets a certificate, and a machine is ordered', () => lab.begin()],
    ] as const,
  };
  const chapters = [start, ...[...firstPorts(lab), ...moreServices(lab), elsewhere(lab)].filter(({ name }) => name.toLowerCase().includes(values.only.toLowerCase()))];
  return await tellStory(chapters, () => lab.stopMachines(), { stepMs: 300_000 });
}

runStory({ skip: () => whatIsMissing(!values['no-install']), open, tell });
