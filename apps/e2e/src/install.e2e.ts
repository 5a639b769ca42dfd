/**
 * The newcomer's protocol: types every block of docs/install.md that says where it is typed, as it stands there, on clean Debian hosts that have the page's
 * addresses, and says how long each took. A host has a disk, a name and a network of its own; kernel and processes are this machine's, and what an init would start,
 * this story starts. Blocks that fetch packages have this machine's network. Exit status 0 only when the machine that the newcomer ordered was logged in to, 77
 * where hosts cannot be made. --no-install installs no missing Debian package here.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPrograms, installPackage } from '@fogbow/embedded-servers';
import { makeCleanDebian } from './install/clean-debian.js';
import { createCleanHost } from './install/clean-host.js';
import type { CleanHost } from './install/clean-host.js';
import { addressOf, INSTALL, NAME_SERVER } from './install/layout.js';
import { newcomer } from './install/newcomer.js';
import { giveWhatIsThere } from './install/given.js';
import { typedBlocks } from './install/typed-blocks.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { cloneRoot } from './start-federation.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';
import { startEngineCloud } from './two-hosts/members.js';
import { createNetwork } from './two-hosts/network.js';
import { whatIsMissing } from './two-hosts/what-is-missing.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const TYPED_ON = ['workstation', 'internal', 'external'] as const;

async function open(endings: Endings): Promise<readonly Chapter[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fin-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 }));
  chmodSync(folder, 0o711);
  const network = createNetwork(INSTALL);
  endings.push(() => network.remove());
  await network.make();
  const cloud = await startEngineCloud({ namespace: network.namespaceOf('cloud'), address: addressOf('cloud') }, folder);
  endings.push(() => cloud.engine.dispose());
  const base = await makeCleanDebian(folder);
  const hosts = new Map<string, CleanHost>();
  for (const name of TYPED_ON) {
    const host = await createCleanHost({ name, base, folder, namespace: network.namespaceOf(name), nameServer: NAME_SERVER });
    endings.push(() => host.remove());
    hosts.set(name, host);
  }
  await giveWhatIsThere(hosts, cloud, folder);
  const blocks = typedBlocks(readFileSync(join(cloneRoot(), 'docs', 'install.md'), 'utf8'), TYPED_ON);
  say(`${hosts.size} clean hosts are there. ${blocks.length} blocks of docs/install.md are typed.`);
  return newcomer(blocks, hosts, { publishNames: (zone) => network.tellNames([zone], folder) });
}

function whatIsMissingHere(mayInstall: boolean): string | undefined {
  const isThere = (): boolean => findPrograms('debootstrap').length > 0;
  if (mayInstall && !isThere()) installPackage('debootstrap', say);
  return whatIsMissing(mayInstall, say) ?? (isThere() ? undefined : 'Programs are missing: apt-get install debootstrap.');
}

const { values } = parseArgs({ options: { 'no-install': { type: 'boolean', default: false } } });
runStory({ skip: () => whatIsMissingHere(!values['no-install']), open, tell: (told) => tellStory(told, () => Promise.resolve()) });
