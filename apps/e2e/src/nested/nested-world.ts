import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUICK } from '../crash-safety/start-world.js';
import { createProcessControl } from '../crash-safety/process-control.js';
import type { ProcessControl } from '../crash-safety/process-control.js';
import { createSite } from '../crash-safety/sites.js';
import type { Site } from '../crash-safety/sites.js';
import { createSshUser } from '../ssh.js';
import type { SshUser } from '../ssh.js';
import { createFederation } from '../start-federation.js';
import type { TestFederation } from '../start-federation.js';

/**
 * Two federations. The inner one has one member with real machines and a tunnel. The outer one has a member that only consumes and a member
 * whose cloud is the inner one. What is ordered at the first has three ways to go.
 */
export interface NestedWorld {
  readonly consumer: Site;
  readonly door: Site;
  readonly inner: Site;
  /** The processes of the inner federation; its dead stay dead until they are started again. */
  readonly control: ProcessControl;
  readonly user: SshUser;
  /** The inner member knows its user by another token from now on, and our file says it. Without one: by the first again. */
  changeToken(token?: string): void;
}

export interface Nest {
  start(): Promise<NestedWorld>;
  /** Ends both federations and removes everything. */
  dispose(): Promise<void>;
}

/** A create takes its way through the inner Manager's orders, so its call may take longer than one to a cloud on the same host. */
const PATIENT = { ...QUICK, FOGBOW_CLOUD_TIMEOUT: '20s', FOGBOW_XMPP_TIMEOUT: '10s' };
const ENV = { FOGBOW_NO_RESTART: '1' };

export function createNest(portBase: number): Nest {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-nested-'));
  const cloudFile = join(folder, 'cloud.yaml');
  const inner = createFederation({ portBase, args: ['--members', '1', '--cloud-a', 'cloud-local'], env: ENV });
  const outer = createFederation({ portBase: portBase + 300, args: ['--cloud-a', 'no-cloud', '--cloud-b', `cloud-occi=${cloudFile}`], env: ENV });
  return {
    async start() {
      await inner.start();
      const { managerUrl, users: [user] } = inner.member('a');
      const changeToken = tokenChanger({ tokenFile: join(folder, 'token'), usersFile: join(inner.data, 'config', 'users-a.yaml'), first: user?.token ?? '' });
      changeToken();
      writeFileSync(cloudFile, JSON.stringify({ settings: { url: managerUrl, tokenFile: join(folder, 'token'), image: 'fogbow-linux' } }));
      await outer.start();
      const [control, outerControl] = [controlOf(inner), controlOf(outer)];
      await Promise.all([control.restart('manager-a'), outerControl.restart('manager-a'), outerControl.restart('manager-b')]);
      const [consumer, door] = ['a', 'b'].map((name) => createSite(outer.file(), name)) as [Site, Site];
      return { consumer, door, inner: createSite(inner.file(), 'a'), control, user: await createSshUser(folder, 'user'), changeToken };
    },
    async dispose() {
      await outer.dispose();
      await inner.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function controlOf(federation: TestFederation): ProcessControl {
  return createProcessControl({ processes: federation.file().processes, environment: (name) => (name.startsWith('manager-') ? PATIENT : {}), probes: {} });
}

function tokenChanger({ tokenFile, usersFile, first }: { readonly tokenFile: string; readonly usersFile: string; readonly first: string }): (token?: string) => void {
  return (token = first) => {
    const hash = createHash('sha256').update(token).digest('hex');
    writeFileSync(usersFile, readFileSync(usersFile, 'utf8').replace(/[0-9a-f]{64}/, hash));
    writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  };
}
