import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiClient } from '../api-client.js';
import type { ApiClient } from '../api-client.js';
import { serveDoor } from '../partitions/door-process.js';
import { createHostDoor, DOOR } from '../partitions/host-door.js';
import type { HostDoor } from '../partitions/host-door.js';
import { runStory } from '../run-story.js';
import type { Endings, Told } from '../run-story.js';
import { createSshUser } from '../ssh.js';
import type { Lab } from './lab.js';
import { addressOf, HOSTS, NAME_SERVER, PORTS, TWO_HOSTS } from './layout.js';
import type { Host } from './layout.js';
import { createMember, exchangeTrust, loadHostImages, startCloud, tokenOf } from './members.js';
import type { Member } from './members.js';
import { createNetwork } from './network.js';
import { whatIsMissing } from './what-is-missing.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Where a lab is made, and what ends it. */
export interface Ground {
  readonly folder: string;
  readonly endings: Endings;
}

export interface LabOptions {
  /** Settings of both Managers beside the usual ones. */
  readonly settings?: object;
  /** Room of the cloud of B; default 4. */
  readonly maxInstances?: number;
}

export interface HostStory<L> {
  /** Whether missing Debian packages may be installed. */
  readonly install: boolean;
  open(ground: Ground): Promise<L>;
  tell(lab: L): Promise<Told>;
}

/** Hosts, engines, images and what fogbow-setup writes; no container runs yet. */
export async function openLab({ folder, endings }: Ground, { settings, maxInstances }: LabOptions = {}): Promise<Lab> {
  const network = createNetwork(TWO_HOSTS);
  endings.push(() => network.remove());
  await network.make();
  network.resolve('user', NAME_SERVER);
  const cloud = await startCloud(network, folder, maxInstances);
  endings.push(() => cloud.engine.dispose());
  const member = async (letter: 'a' | 'b'): Promise<Member> => {
    const made = await createMember(network, folder, letter, letter === 'b' ? cloud.cloudFile : undefined, settings);
    for (const engine of Object.values(made.engines)) endings.push(() => engine.dispose());
    return made;
  };
  const [a, b] = [await member('a'), await member('b')];
  cloud.give(b);
  await exchangeTrust([a, b]);
  for (const one of [a, b]) {
    for (const [host, kind] of [[`int-${one.letter}`, 'internal'], [`ext-${one.letter}`, 'external']] as const) await network.raiseWall(host, join(one.folder, kind, 'nftables.conf'));
    await loadHostImages(one);
  }
  await network.tellNames([a, b].map((one) => join(one.folder, 'dns-records.zone')), folder);
  const doors = Object.fromEntries(HOSTS.map((host) => [host, createHostDoor(network.on(host), process.argv[1] as string)])) as Record<Host, HostDoor>;
  endings.push(() => HOSTS.forEach((host) => doors[host].close()));
  const port = await doors['int-a'].open(PORTS.api, addressOf('int-a'));
  const api = createApiClient({ managerUrl: `https://127.0.0.1:${port}`, users: [] }, tokenOf(a), readFileSync(join(a.folder, 'authority', 'ca.pem'), 'utf8'));
  return { network, doors, a, b, cloud: cloud.engine, user: await createSshUser(folder, 'user', network.on('user')), home: (): ApiClient => api, tries: new Map() };
}

/** The main function of a story on such hosts: as {@link runStory} has it, in a folder of its own, skipped where no engine can run. */
export function runOnHosts<L>({ install, open, tell }: HostStory<L>): void {
  if (process.argv[2] === DOOR) return serveDoor();
  runStory({
    skip: () => whatIsMissing(install, say),
    async open(endings) {
      const begun = performance.now();
      const folder = mkdtempSync(join(tmpdir(), 'f2h-'));
      endings.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 }));
      chmodSync(folder, 0o711);
      const lab = await open({ folder, endings });
      say(`Hosts, engines and images are there after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      return lab;
    },
    tell,
  });
}
