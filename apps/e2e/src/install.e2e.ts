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
import { cloneRoot } from './start-federation.js';
import { tellStory } from './story.js';
import { startEngineCloud } from './two-hosts/members.js';
import { createNetwork } from './two-hosts/network.js';
import { SKIPPED, whatIsMissing } from './two-hosts/what-is-missing.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const TYPED_ON = ['workstation', 'internal', 'external'] as const;
type Endings = (() => Promise<unknown> | void)[];

async function tell(folder: string, endings: Endings): Promise<boolean> {
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
  const { held, failed, skipped } = await tellStory(newcomer(blocks, hosts, { publishNames: (zone) => network.tellNames([zone], folder) }), () => Promise.resolve());
  say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}`);
  return failed === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'no-install': { type: 'boolean', default: false } } });
  if (!values['no-install'] && findPrograms('debootstrap').length === 0) installPackage('debootstrap', say);
  const missing = whatIsMissing(!values['no-install'], say) ?? (findPrograms('debootstrap').length === 0 ? 'Programs are missing: apt-get install debootstrap.' : undefined);
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const folder = mkdtempSync(join(tmpdir(), 'fin-'));
  chmodSync(folder, 0o711);
  const endings: Endings = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 })];
  let ending: Promise<void> | undefined;
  const end = (): Promise<void> => (ending ??= (async () => {
    for (const one of endings.splice(0).reverse()) await Promise.resolve().then(one).catch((error: unknown) => say(`Not removed: ${String(error)}`));
  })());
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    return await tell(folder, endings) ? 0 : 1;
  } finally {
    await end();
  }
}

main().then((status) => process.exit(status), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
