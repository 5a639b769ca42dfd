import { existsSync, writeFileSync } from 'node:fs';
import { DATABASES, SOCKET } from './openstack-layout.js';
import type { Layout } from './openstack-layout.js';
import { pythonProgram, PYTHON, runToEnd } from './openstack-processes.js';
import type { Processes } from './openstack-processes.js';

/** The file that says that the schemas are there. */
export const MIGRATED = 'migrated';

/** A MariaDB on a socket in the folder. SQLite would do for one service; Nova's lock each other out of it. */
export async function startMariadb(layout: Layout, processes: Processes): Promise<void> {
  const [data, socket] = [layout.path('mariadb'), layout.path(SOCKET)];
  if (!existsSync(data)) {
    await runToEnd(layout, 'mariadb-install-db', ['--no-defaults', '--user=root', '--auth-root-authentication-method=normal', '--skip-test-db', `--datadir=${data}`]);
  }
  const client = ['--no-defaults', '-uroot', '-S', socket];
  await processes.start({
    name: 'mariadb', command: '/usr/sbin/mariadbd',
    args: [
      '--no-defaults', '--user=root', `--datadir=${data}`, `--socket=${socket}`, `--pid-file=${layout.path('mariadb.pid')}`, '--skip-networking', '--skip-log-bin', '--skip-name-resolve',
      '--innodb-flush-log-at-trx-commit=0', '--innodb-flush-method=nosync', '--innodb-buffer-pool-size=128M', '--max-connections=500', '--character-set-server=utf8mb3',
    ],
    ready: () => runToEnd(layout, 'mariadb-admin', [...client, 'ping']).then(() => true, () => false),
  });
  await runToEnd(layout, 'mariadb', client, { input: DATABASES.map((name) => `create database if not exists ${name} character set utf8;`).join('\n') });
}

/** The schemas of all services; it takes a minute, once in the life of the folder. */
export async function migrate(layout: Layout): Promise<void> {
  const mark = layout.path(MIGRATED);
  if (existsSync(mark)) return;
  const chain = async (...commands: (readonly [string, ...string[]])[]): Promise<void> => {
    for (const [command, ...args] of commands) await runToEnd(layout, command, args, { env: { OS_PLACEMENT_CONFIG_DIR: layout.path('etc/placement') } });
  };
  const keystone = ['keystone-manage', '--config-file', layout.path('etc/keystone/keystone.conf')] as const;
  const nova = ['nova-manage', '--config-file', layout.path('etc/nova.conf')] as const;
  const user = ['--keystone-user', 'root', '--keystone-group', 'root'];
  const here = (kind: string): string[] => [`--bootstrap-${kind}-url`, `${layout.url('keystone')}/v3`];
  await Promise.all([
    chain(
      [...keystone, 'db_sync'], [...keystone, 'fernet_setup', ...user], [...keystone, 'credential_setup', ...user],
      [...keystone, 'bootstrap', '--bootstrap-password', layout.secret, ...here('admin'), ...here('internal'), ...here('public'), '--bootstrap-region-id', 'RegionOne'],
      ['placement-manage', '--config-file', layout.path('etc/placement/placement.conf'), 'db', 'sync'], [PYTHON, ...pythonProgram('glance.cmd.manage', 'glance-manage'), '--config-file', layout.path('etc/glance.conf'), 'db', 'sync'],
      ['cinder-manage', '--config-file', layout.path('etc/cinder.conf'), 'db', 'sync'],
    ),
    chain(
      [...nova, 'api_db', 'sync'], [...nova, 'cell_v2', 'map_cell0', '--database_connection', layout.database('nova_cell0')], [...nova, 'db', 'sync'],
      [...nova, 'cell_v2', 'create_cell', '--name', 'cell1'], ['neutron-db-manage', '--config-file', layout.path('etc/neutron.conf'), 'upgrade', 'heads'],
    ),
  ]);
  writeFileSync(mark, '');
}
