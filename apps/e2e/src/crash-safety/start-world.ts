import { dirname } from 'node:path';
import { createSshUser } from '../ssh.js';
import type { SshUser } from '../ssh.js';
import { createFederation } from '../start-federation.js';
import type { TestFederation } from '../start-federation.js';
import { createProcessControl } from './process-control.js';
import type { ProcessControl } from './process-control.js';
import { askRedis, createSite, queryRows } from './sites.js';
import type { Site } from './sites.js';

/** A federation of two, in which everything can be killed and looked at. Orders are placed at `home`. */
export interface World {
  readonly home: Site;
  readonly abroad: Site;
  readonly control: ProcessControl;
  /** Whether machines are real and dial tunnels. */
  readonly tunnels: boolean;
  /** The key of the owner of all orders; made for real machines only. */
  readonly owner: SshUser | undefined;
  readonly redisUrl: string;
  /** Superuser's address of the database `postgres`. */
  readonly postgresUrl: string;
}

/** Short, so that what heals in minutes in production heals in seconds here. */
export const QUICK: Readonly<Record<string, string>> = {
  FOGBOW_WORKER_DEAD_AFTER: '1s', FOGBOW_PLACEMENT_RETRY_AFTER: '1s', FOGBOW_PLACEMENT_RESEND_AFTER: '1s', FOGBOW_ORPHANS_GRACE: '1s', FOGBOW_MEMBERS_LIFE: '4s',
  FOGBOW_XMPP_TIMEOUT: '2s', FOGBOW_CLOUD_TIMEOUT: '2s', FOGBOW_TUNNEL_TIMEOUT: '3s',
  FOGBOW_PERIODS_SCHEDULER: '500ms', FOGBOW_PERIODS_RELEASE: '500ms', FOGBOW_PERIODS_RESEND: '500ms', FOGBOW_PERIODS_MONITOR: '500ms',
  FOGBOW_PERIODS_SERVED: '1s', FOGBOW_PERIODS_ANNOUNCE: '500ms', FOGBOW_PERIODS_GRANTS: '1s',
};

export type CloudName = 'cloud-fake' | 'cloud-local';

/** A federation in which the dead stay dead until a scenario starts them again. */
export function createWorldFederation(cloud: CloudName, portBase: number): TestFederation {
  return createFederation({ portBase, args: ['--cloud-a', cloud, '--cloud-b', cloud], env: { FOGBOW_NO_RESTART: '1' } });
}

/** Starts it, and its Managers once more with the short periods and these settings (`FOGBOW_…`). */
export async function startWorld(federation: TestFederation, cloud: CloudName, settings: Readonly<Record<string, string>> = {}): Promise<World> {
  await federation.start();
  const file = federation.file();
  const control = createProcessControl({
    processes: file.processes,
    environment: (name) => (name.startsWith('manager-') ? { ...QUICK, ...settings } : {}),
    probes: { redis: async () => void await askRedis(file.redis.url, 'PING'), postgres: async () => void await queryRows(file.postgres.url, 'select 1') },
  });
  await Promise.all(['manager-a', 'manager-b'].map((name) => control.restart(name)));
  return {
    home: createSite(file, 'a'), abroad: createSite(file, 'b'), control, tunnels: cloud === 'cloud-local',
    owner: cloud === 'cloud-local' ? await createSshUser(dirname(federation.data), 'owner') : undefined,
    redisUrl: file.redis.url, postgresUrl: file.postgres.url,
  };
}
