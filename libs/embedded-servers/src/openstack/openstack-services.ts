import type { Layout } from './openstack-layout.js';
import { acceptsOn, answersHttp, pythonProgram, PYTHON } from './openstack-processes.js';
import type { Processes, Service } from './openstack-processes.js';

/** The broker of the services, with a port mapper of its own: that of the host may be somebody else's. */
export async function startRabbit(layout: Layout, processes: Processes): Promise<void> {
  const { ports } = layout;
  await processes.start({
    name: 'epmd', command: '/usr/bin/epmd', args: ['-address', '127.0.0.1', '-port', String(ports.epmd)], env: { ERL_EPMD_ADDRESS: '127.0.0.1' }, ready: acceptsOn(ports.epmd),
  });
  await processes.start({
    name: 'rabbit', command: '/usr/lib/rabbitmq/bin/rabbitmq-server', args: [], ready: acceptsOn(ports.rabbit),
    env: {
      HOME: layout.path('rabbit-home'), ERL_EPMD_PORT: String(ports.epmd), ERL_EPMD_ADDRESS: '127.0.0.1', RABBITMQ_NODENAME: layout.nodeName, RABBITMQ_DIST_PORT: String(ports.rabbitNode),
      RABBITMQ_CONFIG_FILE: layout.path('etc/rabbitmq.conf'), RABBITMQ_ADVANCED_CONFIG_FILE: layout.path('etc/rabbit-advanced.config'), RABBITMQ_CONF_ENV_FILE: layout.path('etc/rabbit-env.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: layout.path('etc/rabbit-plugins'), RABBITMQ_MNESIA_BASE: layout.path('rabbit'), RABBITMQ_LOG_BASE: layout.path('log'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none',
    },
  });
}

const wsgi = (layout: Layout, name: 'keystone' | 'placement', factory: string): Service => ({
  name, command: PYTHON, args: [layout.path('python/serve.py'), String(layout.ports[name]), factory, layout.folder], ready: answersHttp(layout.url(name)),
  env: { [name === 'keystone' ? 'OS_KEYSTONE_CONFIG_DIR' : 'OS_PLACEMENT_CONFIG_DIR']: layout.path('etc', name) },
});

const program = (layout: Layout, name: string, module: string, config: string, ready: Service['ready'] = () => true): Service => ({
  name, command: PYTHON, args: [...pythonProgram(module, name), '--config-file', layout.path('etc', config)], ready,
});

export const startKeystone = (layout: Layout, processes: Processes): Promise<void> => processes.start(wsgi(layout, 'keystone', 'keystone.server.wsgi:initialize_public_application'));

/** Everything that needs Keystone's accounts and the broker. Those without an address of their own show in the answers of the others. */
export async function startServices(layout: Layout, processes: Processes): Promise<void> {
  await processes.start(wsgi(layout, 'placement', 'placement.wsgi:init_application'));
  await Promise.all([
    program(layout, 'nova-conductor', 'nova.cmd.conductor', 'nova.conf'),
    program(layout, 'nova-scheduler', 'nova.cmd.scheduler', 'nova.conf'),
    program(layout, 'nova-compute', 'nova.cmd.compute', 'nova-compute.conf'),
    program(layout, 'nova-api', 'nova.cmd.api_os_compute', 'nova.conf', answersHttp(layout.url('nova'))),
    program(layout, 'neutron-server', 'neutron.cmd.eventlet.server', 'neutron.conf', answersHttp(layout.url('neutron'))),
    program(layout, 'glance-api', 'glance.cmd.api', 'glance.conf', answersHttp(`${layout.url('glance')}/healthcheck`)),
    program(layout, 'cinder-api', 'cinder.cmd.api', 'cinder.conf', answersHttp(`${layout.url('cinder')}/healthcheck`)),
    program(layout, 'cinder-scheduler', 'cinder.cmd.scheduler', 'cinder.conf'),
    program(layout, 'cinder-volume', 'cinder.cmd.volume', 'cinder.conf'),
  ].map((service) => processes.start(service)));
}
