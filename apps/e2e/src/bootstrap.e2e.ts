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
import { elsewhere, firstPorts, moreServices } from './bootstrap/chapters.js';
import { createWorld } from './main-job/world.js';
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';

const SKIPPED = 77;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Program and the Debian package that has it. */
const NEEDED = [['dash', 'dash'], ['busybox', 'busybox'], ['ssh', 'openssh-client'], ['dbclient', 'dropbear-bin'], ['curl', 'curl'], ['wget', 'wget'], ['openssl', 'openssl']] as const;

function whatIsMissing(mayInstall: boolean): string[] {
  const isMissing = ([program]: readonly [string, string]): boolean => findPrograms(program).length === 0;
  return NEEDED.filter((one) => isMissing(one) && !(mayInstall && installPackage(one[1], say) && !isMissing(one))).map(([program]) => program);
}

async function tell(federation: TestFederation, portBase: number, only: string): Promise<boolean> {
  const folder = join(federation.data, '..');
  const world = createWorld({ federation, alice: await createSshUser(folder, 'alice'), stranger: await createSshUser(folder, 'stranger') });
  const lab = createBootstrapWorld(world, portBase);
  const start = {
    name: 'Start', isEssential: true,
    steps: [
      ['two members', () => federation.start()],
      ['the tunnel of a gets a certificate, and a machine is ordered', () => lab.begin()],
    ] as const,
  };
  const chapters = [start, ...[...firstPorts(lab), ...moreServices(lab), elsewhere(lab)].filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))];
  try {
    const { held, failed, skipped } = await tellStory(chapters, () => lab.stopMachines());
    say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}`);
    return failed === 0;
  } finally {
    await lab.close();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '32300' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } } });
  const missing = whatIsMissing(!values['no-install']);
  if (missing.length > 0) {
    say(`Skipped: ${missing.join(', ')} cannot be had here.`);
    return SKIPPED;
  }
  const portBase = Number(values['port-base']);
  // Sessions in processes of their own, as on a host with several cores.
  const federation = createFederation({ portBase, env: { FOGBOW_WORKERS: '2' } });
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= federation.dispose());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    return await tell(federation, portBase, values.only) ? 0 : 1;
  } finally {
    await end();
  }
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
