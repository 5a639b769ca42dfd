/**
 * A member whose cloud is two hosts with QEMU, this one and the same once more by ssh: the conformance suites with real machines; an order from the
 * other member, a real boot with cloud-init, logins, stop and start, delete; what happens when machines are killed, a host is silent, a Manager dies in
 * the middle, an image is missing, a limit is reached, an image is fetched by https. Exit status 0 only when every step holds, 77 when no machine can be made here. Options: --port-base N
 * (default 26300), --only TEXT tells only the chapters whose name has the text, after the start; --no-install installs no missing Debian package.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineDisk, startSshHost, whyNoMachineHost } from '@fogbow/embedded-servers';
import { conformance } from './hosts/conformance.js';
import { faults, fullCloud } from './hosts/faults.js';
import { addDialAddress, createHostsWorld, writeCloudFile } from './hosts/hosts-world.js';
import type { HostsWorld } from './hosts/hosts-world.js';
import { publishByHttps } from './hosts/image-publisher.js';
import { machineThere, startWithHosts } from './hosts/machine-there.js';
import { cleanSlate, createWorld } from './main-job/world.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { createSshUser } from './ssh.js';
import { cloneRoot, createFederation } from './start-federation.js';
import { tellStory } from './story.js';
import type { StoryEnd } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({ options: { 'port-base': { type: 'string', default: '26300' }, only: { type: 'string', default: '' }, 'no-install': { type: 'boolean', default: false } } });

async function tell(given: HostsWorld): Promise<StoryEnd> {
  const chapters = [conformance(given), startWithHosts(given), machineThere(given), faults(given), fullCloud(given)]
    .filter(({ name, isEssential }) => isEssential || name.toLowerCase().includes(values.only.toLowerCase()));
  return await tellStory(chapters, async () => {
    if (!given.isStarted()) return;
    // A story that broke may have left a host silent, and its machines with it.
    await given.there.resume();
    await cleanSlate(given.world);
    await given.noMachines();
  });
}

async function open(endings: Endings): Promise<HostsWorld> {
  const begun = performance.now();
  const disk = await machineDisk(cloneRoot());
  say(`The disk of machines is there after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  // Short, for the sockets below it.
  const folder = mkdtempSync(join('/tmp', 'fh-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const { address: dialHost, remove } = addDialAddress();
  endings.push(remove);
  const there = await startSshHost(join(folder, 'sshd'));
  endings.push(() => there.halt());
  const publisher = await publishByHttps(folder, disk);
  endings.push(() => publisher.close());
  const federation = createFederation({ portBase: Number(values['port-base']), args: ['--cloud-b', `cloud-hosts=${writeCloudFile(folder, { disk, dialHost, there, publisher })}`], env: { NODE_EXTRA_CA_CERTS: publisher.caFile } });
  endings.push(() => federation.dispose());
  const [alice, stranger] = [await createSshUser(folder, 'alice'), await createSshUser(folder, 'stranger')];
  const given = createHostsWorld(createWorld({ federation, alice, stranger }), { there, disk, publisher, folder });
  endings.push(() => given.killAll());
  return given;
}

runStory({ skip: () => whyNoMachineHost(!values['no-install'], say), open, tell });
