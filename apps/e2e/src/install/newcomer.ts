import { existsSync } from 'node:fs';
import { awaitEvent } from '../await-event.js';
import type { Chapter, Step } from '../story.js';
import type { CleanHost } from './clean-host.js';
import type { TypedBlock } from './typed-blocks.js';

/** What happens outside of the hosts. */
export interface World {
  /** Publishes the records of a zone file. */
  publishNames(zone: string): Promise<void>;
}

type Hosts = ReadonlyMap<string, CleanHost>;

/** A chapter for each section of the page, a step for each block and host; between them what the page says in words. */
export function newcomer(blocks: readonly TypedBlock[], hosts: Hosts, world: World): readonly Chapter[] {
  const headings = [...new Set(blocks.map(({ heading }) => heading))];
  return headings.map((heading) => ({
    name: heading, isEssential: true,
    steps: [...inWords(heading, hosts, world), ...blocks.filter((block) => block.heading === heading).flatMap((block) => block.hosts.map((name) => typed(block, name, hosts)))],
  }));
}

const host = (hosts: Hosts, name: string): CleanHost => {
  const found = hosts.get(name);
  if (!found) throw new Error(`There is no host ${name}.`);
  return found;
};

function typed({ commands }: TypedBlock, name: string, hosts: Hosts): Step {
  const first = commands.split('\n')[0] ?? '';
  return [`${name}: ${first.length > 90 ? `${first.slice(0, 87)}…` : first}`, async () => {
    const place = host(hosts, name);
    const said = await place.type(await asTyped(commands, place), { network: FETCHES.test(commands) ? 'outer' : 'own' });
    await startEngine(place);
    return lastLine(said);
  }];
}

/** Packages of Debian, or of npm. */
const FETCHES = /^(?:apt-get|npm) /m;

const lastLine = (said: string): string => said.trim().split('\n').at(-1)?.slice(0, 100) ?? '';

/** As the page says: where Compose is 1.29, its command has another name. */
async function asTyped(commands: string, place: CleanHost): Promise<string> {
  const isOld = await place.type('docker compose version >/dev/null 2>&1 && echo new || echo old') === 'old';
  return isOld ? commands.replaceAll('docker compose', 'docker-compose') : commands;
}

/** What the init of a host does once the package is there. */
async function startEngine(place: CleanHost): Promise<void> {
  if (!existsSync(place.path('/usr/sbin/dockerd')) || existsSync(place.path('/run/docker.sock'))) return;
  await place.serve('dockerd', '/usr/sbin/dockerd', [], async () => (await place.type('docker version >/dev/null 2>&1 && echo up || true')) === 'up');
}

function inWords(heading: string, hosts: Hosts, world: World): readonly Step[] {
  if (heading.startsWith('1.')) {
    return [['workstation: its user goes into the clone', () => host(hosts, 'workstation').type('cd /root/fogbow').then(() => undefined)]];
  }
  if (heading.startsWith('3.')) {
    return [['the zone is published', () => world.publishNames(host(hosts, 'workstation').path('/etc/fogbow/dns-records.zone'))]];
  }
  if (heading.startsWith('5.')) {
    return ['external', 'internal'].map((name) => [`${name}: docker compose ps shows all of it healthy`, async () => {
      await awaitEvent(`all of ${name} is healthy`, async () => {
        const states = (await host(hosts, name).type(`docker ps -a --format '{{.Names}} {{.Status}}'`)).split('\n');
        return states.length >= 3 && states.every((line) => line.includes('(healthy)')) && `${states.length} services`;
      }, { timeoutMs: 180_000, everyMs: 1000 });
    }] as const);
  }
  return [];
}
