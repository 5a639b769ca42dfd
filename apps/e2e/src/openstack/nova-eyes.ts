import { openAdmin } from '@fogbow/embedded-servers';
import type { OpenStackAdmin, OpenStackSite } from '@fogbow/embedded-servers';

/** A server as Nova's administrator sees it. */
export interface ServerSeen {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly addresses: Readonly<Record<string, readonly { readonly addr: string }[]>>;
  readonly 'OS-EXT-SRV-ATTR:user_data'?: string;
}

/** The project of the member past its Manager: what is really there. */
export interface NovaEyes {
  readonly admin: OpenStackAdmin;
  servers(): Promise<ServerSeen[]>;
  /** Undefined when it is gone. */
  server(id: string): Promise<ServerSeen | undefined>;
  /** How many of ours there are; the network of the seed is not. */
  count(): Promise<{ readonly servers: number; readonly ports: number; readonly volumes: number; readonly networks: number; readonly routers: number }>;
}

export async function openEyes({ admin: account, authUrl, urls, home }: OpenStackSite): Promise<NovaEyes> {
  const admin = await openAdmin({ ...account, authUrl }, urls);
  const servers = async (): Promise<ServerSeen[]> =>
    (await admin.ask<{ servers: ServerSeen[] }>('compute', 'GET', `/servers/detail?all_tenants=1&project_id=${home.projectId}`)).servers;
  const ours = async (kind: string): Promise<number> =>
    (await admin.ask<Record<string, { name: string }[]>>('network', 'GET', `/${kind}?project_id=${home.projectId}`))[kind]?.filter(({ name }) => name.startsWith('fogbow-')).length ?? 0;
  return {
    admin, servers,
    server: async (id) => (await servers()).find((one) => one.id === id),
    async count() {
      const [all, { volumes }, ports, networks, routers] = await Promise.all([
        servers(), admin.ask<{ volumes: unknown[] }>('volume', 'GET', `/${admin.projectId}/volumes/detail?all_tenants=1&project_id=${home.projectId}`), ours('ports'), ours('networks'), ours('routers'),
      ]);
      return { servers: all.length, volumes: volumes.length, ports, networks, routers };
    },
  };
}
