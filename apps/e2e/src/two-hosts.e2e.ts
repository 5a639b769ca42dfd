/**
 * Two members of two hosts each, as operators have them: fogbow-setup writes, images are built here, the compose files of deploy/ are brought up by an
 * engine on each host. A host is a network namespace with an engine of its own: hosts share this machine's kernel and files, but no network, no
 * containers and no firewall. Order at A, machine at B, ssh from the Internet; power cuts; walls; rights; renewed certificates; the doctor; backups. Exit status 0 only
 * when every step holds, 77 where no engine can run. --only TEXT tells only the chapters whose name has the text, after the start; --no-install
 * installs no missing Debian package.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApiClient } from './api-client.js';
import type { ApiClient } from './api-client.js';
import { serveDoor } from './partitions/door-process.js';
import { createHostDoor, DOOR } from './partitions/host-door.js';
import type { HostDoor } from './partitions/host-door.js';
import { createSshUser } from './ssh.js';
import { tellStory } from './story.js';
import { backups } from './two-hosts/backups.js';
import { bringUp, mainJob, noWayIn, renewal, rights, walls } from './two-hosts/chapters.js';
import { doctors } from './two-hosts/doctors.js';
import type { Lab } from './two-hosts/lab.js';
import { addressOf, HOSTS, NAME_SERVER, PORTS, TWO_HOSTS } from './two-hosts/layout.js';
import type { Host } from './two-hosts/layout.js';
import { createMember, exchangeTrust, loadHostImages, startCloud, tokenOf } from './two-hosts/members.js';
import type { Member } from './two-hosts/members.js';
import { createNetwork } from './two-hosts/network.js';
import { SKIPPED, whatIsMissing } from './two-hosts/what-is-missing.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
type Endings = (() => Promise<unknown> | void)[];

async function openLab(folder: string, endings: Endings): Promise<Lab> {
  const network = createNetwork(TWO_HOSTS);
  endings.push(() => network.remove());
  await network.make();
  network.resolve('user', NAME_SERVER);
  const cloud = await startCloud(network, folder);
  endings.push(() => cloud.engine.dispose());
  const member = async (letter: 'a' | 'b'): Promise<Member> => {
    const made = await createMember(network, folder, letter, letter === 'b' ? cloud.cloudFile : undefined);
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

async function tell(lab: Lab, only: string): Promise<boolean> {
  const chapters = [bringUp, walls, mainJob, rights, renewal, noWayIn, doctors, backups].map((chapter) => chapter(lab)).filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(only.toLowerCase()));
  const { held, failed, skipped } = await tellStory(chapters, async () => { await lab.home().removeAll().catch(() => undefined); });
  if (failed > 0) for (const member of [lab.a, lab.b]) for (const host of ['internal', 'external'] as const) say(`--- ${host} ${member.letter}\n${await member.compose(host, 'logs', '--no-color', '--tail=25')}`);
  say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}`);
  return failed === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } } });
  const missing = whatIsMissing(!values['no-install'], say);
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'f2h-'));
  chmodSync(folder, 0o711);
  const endings: Endings = [() => rmSync(folder, { recursive: true, force: true })];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= (async () => {
    for (const one of endings.splice(0).reverse()) await Promise.resolve().then(one).catch((error: unknown) => say(`Not removed: ${String(error)}`));
  })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    const lab = await openLab(folder, endings);
    say(`Hosts, engines and images are there after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    return await tell(lab, values.only) ? 0 : 1;
  } finally {
    await end();
    say(`${((performance.now() - begun) / 1000).toFixed(1)} s in all`);
  }
}

if (process.argv[2] === DOOR) serveDoor();
else {
  main().then((status) => process.exit(status), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}
