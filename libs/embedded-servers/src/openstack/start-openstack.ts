import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeConfiguration } from './openstack-config.js';
import { MIGRATED, migrate, startMariadb } from './openstack-databases.js';
import { layOut } from './openstack-layout.js';
import type { Layout } from './openstack-layout.js';
import { createProcesses, stopLeftovers } from './openstack-processes.js';
import type { Processes } from './openstack-processes.js';
import { startKeystone, startRabbit, startServices } from './openstack-services.js';
import { readOpenStackSite } from './openstack-site.js';
import type { OpenStackSite } from './openstack-site.js';
import { seedCloud, seedIdentity, untilHostCounts } from './seed-openstack.js';

export interface RunningOpenStack {
  readonly site: OpenStackSite;
  /** The site as a file, for other programs. */
  readonly siteFile: string;
  readonly folder: string;
  /** To one service, such as `nova-api`: SIGSTOP and SIGCONT make it silent for a while. */
  signal(service: string, signal: NodeJS.Signals): void;
  /** Ends every process; the folder stays, and the next start takes a fifth of the time. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly folder: string;
  readonly fresh?: boolean;
  /** Takes what ends everything, before the first process runs: the start itself may be broken off. */
  readonly endings?: { push(end: () => Promise<void>): unknown };
  say(line: string): void;
}

const [SITE, IDENTITY, SEEDING] = ['site.json', 'identity-seeded', 'cloud-seeded'] as const;

/**
 * A real OpenStack on this host: Keystone, Placement, Glance, Nova with its fake hypervisor, Neutron without agents and Cinder with a
 * driver that only keeps books, all on ports of 127.0.0.1 with data in one folder. The packages must be there (openstack-packages.ts).
 */
export async function startOpenStack({ folder, fresh = false, endings, say }: StartOptions): Promise<RunningOpenStack> {
  await stopLeftovers(folder);
  const has = (mark: string): boolean => existsSync(join(folder, mark));
  // What a seeding that broke off has left, nobody knows.
  if (fresh || !has(MIGRATED) || (has(SEEDING) && !has(SITE))) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!has(MIGRATED)) say('The first start makes the databases of all services, which takes a minute or two');
  const layout = await layOut(folder);
  const processes = createProcesses(layout);
  endings?.push(() => processes.stop());
  try {
    const site = await bringUp(layout, processes);
    return { site, siteFile: layout.path(SITE), folder, stop: () => processes.stop(), signal: (service, signal) => processes.signal(service, signal) };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

async function bringUp(layout: Layout, processes: Processes): Promise<OpenStackSite> {
  writeConfiguration(layout);
  await Promise.all([startMariadb(layout, processes), startRabbit(layout, processes)]);
  await migrate(layout);
  await startKeystone(layout, processes);
  await once(layout, IDENTITY, () => seedIdentity(layout));
  await startServices(layout, processes);
  await untilHostCounts(layout);
  await once(layout, SEEDING, async () => writeFileSync(layout.path(SITE), JSON.stringify(await seedCloud(layout), undefined, 2), { mode: 0o600 }), 'before');
  return readOpenStackSite(layout.path(SITE));
}

/** Marked after it was done, or before it was begun where it cannot be done again. */
async function once(layout: Layout, mark: string, work: () => Promise<void>, marked: 'before' | 'after' = 'after'): Promise<void> {
  const file = layout.path(mark);
  if (existsSync(file)) return;
  if (marked === 'before') writeFileSync(file, '');
  await work();
  writeFileSync(file, '');
}
