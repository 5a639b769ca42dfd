import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import type { Layout } from './openstack-layout.js';

type Section = Readonly<Record<string, string | number | boolean>>;
type Ini = Readonly<Record<string, Section>>;

const textOf = (ini: Ini): string => Object.entries(ini).map(([name, section]) => `[${name}]\n${Object.entries(section).map(([key, value]) => `${key} = ${String(value)}\n`).join('')}`).join('\n');

/** How one service proves itself to Keystone, as oslo's clients write it. */
const account = ({ url, secret }: Layout, username: string): Section => ({
  auth_url: `${url('keystone')}/v3`, auth_type: 'password', user_domain_id: 'default', project_domain_id: 'default', project_name: 'service', username, password: secret, region_name: 'RegionOne',
});
const middleware = (layout: Layout, username: string): Section => ({
  ...account(layout, username), www_authenticate_uri: `${layout.url('keystone')}/v3`, service_token_roles_required: true,
});
const database = (layout: Layout, name: string): Section => ({ connection: layout.database(name), max_pool_size: 30, max_overflow: 50 });
const common = (layout: Layout): Section => ({
  use_stderr: true, transport_url: `rabbit://guest:guest@127.0.0.1:${layout.ports.rabbit}/`, state_path: layout.path('state'), host: 'onlyhost', my_ip: '127.0.0.1',
});
const quiet = (layout: Layout): Ini => ({ oslo_concurrency: { lock_path: layout.path('lock') }, oslo_messaging_notifications: { driver: 'noop' } });

const keystone = (layout: Layout): Ini => ({
  DEFAULT: { use_stderr: true }, database: database(layout, 'keystone'), token: { expiration: 86_400 }, identity: { password_hash_rounds: 4 },
  fernet_tokens: { key_repository: layout.path('etc/keystone/fernet') }, fernet_receipts: { key_repository: layout.path('etc/keystone/fernet') },
  credential: { key_repository: layout.path('etc/keystone/credential') }, cache: { enabled: true, backend: 'dogpile.cache.memory', expiration_time: 60 },
});

const placement = (layout: Layout): Ini => ({
  DEFAULT: { use_stderr: true }, placement_database: database(layout, 'placement'), api: { auth_strategy: 'keystone' }, keystone_authtoken: middleware(layout, 'placement'),
});

const glance = (layout: Layout): Ini => ({
  DEFAULT: { use_stderr: true, bind_host: '127.0.0.1', bind_port: layout.ports.glance, workers: 0, enabled_backends: 'disk:file' },
  glance_store: { default_backend: 'disk' }, disk: { filesystem_store_datadir: layout.path('images') },
  os_glance_tasks_store: { filesystem_store_datadir: layout.path('tasks') }, os_glance_staging_store: { filesystem_store_datadir: layout.path('staging') },
  database: database(layout, 'glance'), paste_deploy: { flavor: 'keystone', config_file: layout.path('etc/glance-paste.ini') },
  oslo_concurrency: { lock_path: layout.path('lock') }, keystone_authtoken: middleware(layout, 'glance'),
});

/** The hypervisor is Nova's own fake one: machines exist in its books only, all else is real. */
const novaCompute = (layout: Layout): Ini => ({
  DEFAULT: {
    ...common(layout), compute_driver: 'fake.FakeDriver', vif_plugging_is_fatal: false, vif_plugging_timeout: 0, update_resources_interval: 10, periodic_fuzzy_delay: 0,
    instances_path: layout.path('state/instances'), graceful_shutdown_timeout: 2, osapi_compute_listen: '127.0.0.1', osapi_compute_listen_port: layout.ports.nova,
    osapi_compute_workers: 1, enabled_apis: 'osapi_compute',
  },
  wsgi: { api_paste_config: layout.path('etc/nova-paste.ini') }, api: { auth_strategy: 'keystone' }, conductor: { workers: 1 },
  scheduler: { workers: 1, discover_hosts_in_cells_interval: 5 }, filter_scheduler: { track_instance_changes: false }, vnc: { enabled: false },
  cinder: { ...account(layout, 'nova'), os_region_name: 'RegionOne' }, service_user: { ...account(layout, 'nova'), send_service_user_token: true },
  placement: account(layout, 'nova'), glance: account(layout, 'nova'), neutron: account(layout, 'nova'), ...quiet(layout),
  // Nova validates tokens at each request: one that was revoked is refused by the next.
  keystone_authtoken: { ...middleware(layout, 'nova'), token_cache_time: -1 },
});

const neutron = (layout: Layout): Ini => ({
  DEFAULT: {
    ...common(layout), bind_host: '127.0.0.1', bind_port: layout.ports.neutron, core_plugin: 'ml2', service_plugins: 'router', api_workers: 1, rpc_workers: 1, rpc_state_report_workers: 0,
    api_paste_config: layout.path('etc/neutron-paste.ini'), dhcp_agent_notification: false,
  },
  database: database(layout, 'neutron'), ml2: { type_drivers: 'flat,vxlan', tenant_network_types: 'vxlan', mechanism_drivers: 'fogbow_books', extension_drivers: 'port_security' },
  ml2_type_flat: { flat_networks: 'outside' }, ml2_type_vxlan: { vni_ranges: '1:4000' }, securitygroup: { enable_security_group: true },
  nova: account(layout, 'nova'), placement: account(layout, 'neutron'), keystone_authtoken: middleware(layout, 'neutron'), ...quiet(layout),
});

const cinder = (layout: Layout): Ini => ({
  DEFAULT: {
    ...common(layout), auth_strategy: 'keystone', osapi_volume_listen: '127.0.0.1', osapi_volume_listen_port: layout.ports.cinder, osapi_volume_workers: 1,
    api_paste_config: layout.path('etc/cinder-paste.ini'), glance_api_servers: layout.url('glance'), enabled_backends: 'books', rootwrap_config: '/etc/cinder/rootwrap.conf',
  },
  books: { volume_driver: 'cinder.tests.fake_driver.FakeLoggingVolumeDriver', volume_backend_name: 'books' },
  database: database(layout, 'cinder'), nova: account(layout, 'nova'), keystone_authtoken: middleware(layout, 'cinder'), ...quiet(layout),
});

/** Neutron without agents: every port counts as wired the moment that somebody wants it. */
const MECHANISM = `from neutron_lib.plugins.ml2 import api


class BooksOnly(api.MechanismDriver):
    def initialize(self):
        pass

    def bind_port(self, context):
        segment = next(iter(context.segments_to_bind), None)
        if segment:
            context.set_binding(segment[api.ID], 'ovs', {'port_filter': True}, status='ACTIVE')

    def filter_hosts_with_segment_access(self, context, segments, candidate_hosts, agent_getter):
        return candidate_hosts

    def get_workers(self):
        return ()
`;

/** Keystone and Placement are WSGI applications: eventlet's server keeps connections open in earnest. */
const SERVE = `import importlib, sys
import eventlet
eventlet.monkey_patch()
import eventlet.wsgi
_, port, name, _folder = sys.argv
module, factory = name.split(':')
sys.argv = sys.argv[:1]
eventlet.wsgi.server(eventlet.listen(('127.0.0.1', int(port)), backlog=512), getattr(importlib.import_module(module), factory)(), log_output=False)
`;

const PASTES = { glance: '/usr/share/glance-common/glance-api-paste.ini', nova: '/usr/share/nova-common/api-paste.ini', neutron: '/usr/share/neutron-common/api-paste.ini', cinder: '/usr/share/cinder-common/api-paste.ini' };

/** Name below the folder → text. */
export function openstackFiles(layout: Layout): Readonly<Record<string, string>> {
  return {
    'etc/keystone/keystone.conf': textOf(keystone(layout)),
    'etc/placement/placement.conf': textOf(placement(layout)),
    'etc/glance.conf': textOf(glance(layout)),
    'etc/nova.conf': textOf({ ...novaCompute(layout), api_database: database(layout, 'nova_api'), database: database(layout, 'nova_cell1') }),
    // Nova's compute service refuses to know the databases.
    'etc/nova-compute.conf': textOf(novaCompute(layout)),
    'etc/neutron.conf': textOf(neutron(layout)),
    'etc/cinder.conf': textOf(cinder(layout)),
    'python/fogbow_books.py': MECHANISM,
    'python/fogbow_books-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: fogbow_books\nVersion: 1.0\n',
    'python/fogbow_books-1.0.dist-info/entry_points.txt': '[neutron.ml2.mechanism_drivers]\nfogbow_books = fogbow_books:BooksOnly\n',
    'python/serve.py': SERVE,
    'etc/rabbitmq.conf': `listeners.tcp.1 = 127.0.0.1:${layout.ports.rabbit}\ndisk_free_limit.absolute = 50MB\n`,
    'etc/rabbit-advanced.config': '[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n',
    'etc/rabbit-plugins': '[].\n',
    'etc/rabbit-env.conf': '',
  };
}

export function writeConfiguration(layout: Layout): void {
  for (const [name, from] of Object.entries(PASTES)) copyFileSync(from, layout.path(`etc/${name}-paste.ini`));
  mkdirSync(layout.path('python/fogbow_books-1.0.dist-info'), { recursive: true });
  for (const [name, text] of Object.entries(openstackFiles(layout))) writeFileSync(layout.path(name), text, { mode: 0o600 });
}
