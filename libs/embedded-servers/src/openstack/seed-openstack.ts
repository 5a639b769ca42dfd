import { setTimeout as pause } from 'node:timers/promises';
import { openAdmin } from './openstack-api.js';
import type { OpenStackAdmin } from './openstack-api.js';
import type { Layout } from './openstack-layout.js';
import type { OpenStackAccount, OpenStackSite } from './openstack-site.js';

/** A machine as large as this no host has; Nova finds that out after it has said yes. */
export const HUGE = { name: 'huge', vcpus: 1, ram: 900_000, disk: 1 };
const FLAVORS = [{ name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 }, { name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 }, { name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 }, HUGE];
const IMAGE = 'empty-disk';
const OUTSIDE = 'outside';
const SERVICES = { placement: 'placement', image: 'glance', compute: 'nova', network: 'neutron', volumev3: 'cinder' } as const;

const adminOf = (layout: Layout): Promise<OpenStackAdmin> => openAdmin({ authUrl: `${layout.url('keystone')}/v3`, username: 'admin', password: layout.secret, project: 'admin' }, urlsOf(layout));

const urlsOf = ({ url }: Layout): Readonly<Record<string, string>> => ({ compute: `${url('nova')}/v2.1`, image: `${url('glance')}/v2`, network: `${url('neutron')}/v2.0`, volume: `${url('cinder')}/v3`, placement: url('placement') });

/** The accounts of the services and the catalogue; before the services start. */
export async function seedIdentity(layout: Layout): Promise<void> {
  const { ask } = await adminOf(layout);
  const { roles } = await ask<{ roles: { id: string; name: string }[] }>('identity', 'GET', '/roles');
  const admin = roles.find(({ name }) => name === 'admin')?.id ?? '';
  const { role: { id: service } } = await ask<{ role: { id: string } }>('identity', 'POST', '/roles', { role: { name: 'service' } });
  const { project } = await ask<{ project: { id: string } }>('identity', 'POST', '/projects', { project: { name: 'service', domain_id: 'default' } });
  for (const [type, name] of Object.entries(SERVICES)) {
    const { user } = await ask<{ user: { id: string } }>('identity', 'POST', '/users', { user: { name, password: layout.secret, domain_id: 'default' } });
    for (const role of [admin, service]) await ask('identity', 'PUT', `/projects/${project.id}/users/${user.id}/roles/${role}`);
    const made = await ask<{ service: { id: string } }>('identity', 'POST', '/services', { service: { name, type } });
    const path = { compute: '/v2.1', volumev3: '/v3/%(project_id)s' }[type] ?? '';
    for (const side of ['public', 'internal', 'admin']) {
      await ask('identity', 'POST', '/endpoints', { endpoint: { service_id: made.service.id, interface: side, url: `${layout.url(name)}${path}`, region_id: 'RegionOne' } });
    }
  }
}

/** Two accounts of members with a network each, an image, flavors, and a way out; after the services have started. */
export async function seedCloud(layout: Layout): Promise<OpenStackSite> {
  const admin = await adminOf(layout);
  for (const flavor of FLAVORS) await admin.ask('compute', 'POST', '/flavors', { flavor });
  const image = await admin.ask<{ id: string }>('image', 'POST', '/images', { name: IMAGE, disk_format: 'raw', container_format: 'bare', visibility: 'public' });
  await admin.upload('image', `/images/${image.id}/file`, new Uint8Array(2 ** 20));
  await addNetwork(admin, { name: OUTSIDE, 'router:external': true, 'provider:network_type': 'flat', 'provider:physical_network': 'outside' }, '198.51.100.0/24');
  const home = await addMember(admin, 'home', '10.77.0.0/16');
  const small = await addMember(admin, 'small', '10.78.0.0/16');
  await setQuota(admin, home, { instances: 100, cores: 200, ram: -1 });
  await setQuota(admin, small, { instances: 1 });
  await admin.ask('volume', 'PUT', `/${admin.projectId}/os-quota-sets/${small.projectId}`, { quota_set: { volumes: 1 } });
  return {
    authUrl: `${layout.url('keystone')}/v3`, urls: urlsOf(layout), image: IMAGE, publicNetwork: OUTSIDE, home, small,
    admin: { username: 'admin', password: layout.secret, project: 'admin', projectId: admin.projectId, network: OUTSIDE },
  };
}

export const setQuota = (admin: OpenStackAdmin, { projectId }: Pick<OpenStackAccount, 'projectId'>, quota: Readonly<Record<string, number>>): Promise<unknown> =>
  admin.ask('compute', 'PUT', `/os-quota-sets/${projectId}`, { quota_set: quota });

async function addMember(admin: OpenStackAdmin, name: string, cidr: string): Promise<OpenStackAccount> {
  const { ask } = admin;
  const { project } = await ask<{ project: { id: string } }>('identity', 'POST', '/projects', { project: { name, domain_id: 'default' } });
  const password = `of-${name}`;
  const { user } = await ask<{ user: { id: string } }>('identity', 'POST', '/users', { user: { name: `manager-${name}`, password, domain_id: 'default' } });
  const { roles } = await ask<{ roles: { id: string; name: string }[] }>('identity', 'GET', '/roles');
  await ask('identity', 'PUT', `/projects/${project.id}/users/${user.id}/roles/${roles.find((role) => role.name === 'member')?.id ?? ''}`);
  await addNetwork(admin, { name: `net-${name}`, project_id: project.id }, cidr);
  return { username: `manager-${name}`, password, project: name, projectId: project.id, network: `net-${name}` };
}

async function addNetwork({ ask }: OpenStackAdmin, network: Readonly<Record<string, unknown>>, cidr: string): Promise<void> {
  const made = await ask<{ network: { id: string; project_id: string } }>('network', 'POST', '/networks', { network });
  await ask('network', 'POST', '/subnets', { subnet: { network_id: made.network.id, project_id: made.network.project_id, ip_version: 4, cidr, enable_dhcp: false } });
}

/** The APIs answer before the host is counted: until then no machine finds one. */
export async function untilHostCounts(layout: Layout): Promise<void> {
  const { ask } = await adminOf(layout);
  const deadline = performance.now() + 120_000;
  for (;;) {
    const [{ hypervisors }, { resource_providers: counted }, { services }] = await Promise.all([
      ask<{ hypervisors: unknown[] }>('compute', 'GET', '/os-hypervisors'), ask<{ resource_providers: unknown[] }>('placement', 'GET', '/resource_providers'),
      ask<{ services: { binary: string; state: string }[] }>('volume', 'GET', `/${(await adminOf(layout)).projectId}/os-services`),
    ]);
    const areUp = ['cinder-volume', 'cinder-scheduler'].every((binary) => services.some((one) => one.binary === binary && one.state === 'up'));
    if (hypervisors.length > 0 && counted.length > 0 && areUp) return;
    if (performance.now() > deadline) throw new Error('Nova counts no host after two minutes; see the log of nova-compute.');
    await pause(500);
  }
}
