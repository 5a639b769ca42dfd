import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAdmin } from '@fogbow/embedded-servers';
import type { ContainerEngine, OpenStackAdmin, OpenStackSite } from '@fogbow/embedded-servers';
import { parse, stringify } from 'yaml';
import { cloneRoot } from '../start-federation.js';

interface CloudFile {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly credentials?: Readonly<Record<string, unknown>>;
}

/** The example that the docs give, with the addresses and names of the services that run here; everything else is as it stands there. */
function fillIn(folder: string, name: string, { settings, credentials, ...more }: CloudFile & Readonly<Record<string, unknown>>): string {
  const example = parse(readFileSync(join(cloneRoot(), 'deploy/examples/openstack-and-containers', name), 'utf8')) as CloudFile;
  const unknown = Object.keys(settings).filter((key) => !(key in example.settings));
  if (unknown.length > 0) throw new Error(`${name} says nothing of ${unknown.join(', ')}: an operator would miss it, too.`);
  const file = join(folder, name);
  writeFileSync(file, stringify({ ...example, ...more, settings: { ...example.settings, ...settings }, ...(credentials ? { credentials: { ...example.credentials, ...credentials } } : {}) }), { mode: 0o600 });
  return file;
}

export function openstackFile(folder: string, { authUrl, home, image, publicNetwork }: OpenStackSite): string {
  const passwordFile = join(folder, 'openstack-password');
  writeFileSync(passwordFile, home.password, { mode: 0o600 });
  return fillIn(folder, 'member-a.yaml', {
    settings: { authUrl, network: home.network, floatingNetwork: publicNetwork, image }, credentials: { username: home.username, project: home.project, passwordFile },
  });
}

export const containersFile = (folder: string, { socket, hostAddress }: ContainerEngine): string => fillIn(folder, 'member-b.yaml', { dialHost: hostAddress, settings: { socket } });

/** The router without which Neutron floats nothing; the administrator's, as it is at many sites. Returns what removes it. */
export async function openWayOut({ admin: account, authUrl, urls, home, publicNetwork }: OpenStackSite): Promise<() => Promise<void>> {
  const admin = await openAdmin({ ...account, authUrl }, urls);
  const networks = await namedNetworks(admin);
  const [inside, outside] = [networks.get(home.network), networks.get(publicNetwork)];
  if (!inside || !outside) throw new Error(`Neutron has no network ${home.network} or ${publicNetwork}.`);
  const { subnets: [subnet] } = await admin.ask<{ subnets: { id: string }[] }>('network', 'GET', `/subnets?network_id=${inside}`);
  const { router } = await admin.ask<{ router: { id: string } }>('network', 'POST', '/routers', { router: { name: 'way-out', external_gateway_info: { network_id: outside } } });
  await admin.ask('network', 'PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet?.id });
  return async () => {
    await admin.ask('network', 'PUT', `/routers/${router.id}/remove_router_interface`, { subnet_id: subnet?.id });
    await admin.ask('network', 'DELETE', `/routers/${router.id}`);
  };
}

async function namedNetworks({ ask }: OpenStackAdmin): Promise<ReadonlyMap<string, string>> {
  const { networks } = await ask<{ networks: { id: string; name: string }[] }>('network', 'GET', '/networks');
  return new Map(networks.map(({ id, name }) => [name, id]));
}
