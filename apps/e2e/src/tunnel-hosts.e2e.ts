/**
 * Two hosts of one tunnel, as processes on two addresses of the loopback over one Redis, with real machines that dial by OpenSSH. One host is killed, comes back, the other
 * is killed, both are: machines are reached with ssh at the host that lives, on the ports that they always had, and their orders say so. Exit status 0 only when every step holds.
 * Options: --port-base N (default 27200), --only TEXT.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createWorld } from './main-job/world.js';
import { runStory } from './run-story.js';
import type { Endings, Told } from './run-story.js';
import { createSshUser } from './ssh.js';
import { createFederation } from './start-federation.js';
import type { TestFederation } from './start-federation.js';
import { tellStory } from './story.js';
import { chapters } from './tunnel-hosts/chapters.js';
import type { HostsStory } from './tunnel-hosts/chapters.js';
import { tunnelHosts } from './tunnel-hosts/hosts-world.js';

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '27200' }, only: { type: 'string', default: '' } } });
const portBase = Number(values['port-base']);

async function open(endings: Endings): Promise<HostsStory> {
  // A host that is killed stays so until the story starts it.
  const federation = createFederation({ portBase, env: { FOGBOW_NO_RESTART: '1' } });
  endings.push(() => federation.dispose());
  const folder = join(federation.data, '..');
  const world = createWorld({ federation, alice: await createSshUser(folder, 'alice'), stranger: await createSshUser(folder, 'stranger') });
  return { world, hosts: tunnelHosts(federation, portBase + 90, endings) };
}

async function tell({ world, hosts }: HostsStory): Promise<Told> {
  const { federation } = world;
  const start = { name: 'Start', isEssential: true, steps: [['two members', () => federation.start()], ['a second host for the tunnel of a', () => hosts[1].start()]] as const };
  const told = chapters({ world, hosts }).filter(({ name, isEssential }) => isEssential === true || name.toLowerCase().includes(values.only.toLowerCase()));
  const end = await tellStory([start, ...told], () => Promise.resolve(), { stepMs: 300_000 });
  if (end.failed > 0) process.stdout.write(`\n${lastWords(federation)}\n`);
  return end;
}

/** The ends of the logs of the hosts and of the machines' tunnels. */
function lastWords({ data }: TestFederation): string {
  const folders = [join(data, '..'), ...readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('/state')).map((path) => join(data, path))];
  const logs = folders.flatMap((folder) => readdirSync(folder).filter((name) => /^tunnel.*\.log$/.test(name)).map((name) => join(folder, name)));
  return logs.map((file) => `${file}:\n${readFileSync(file, 'utf8').slice(-3000)}`).join('\n');
}

runStory({ open, tell });
