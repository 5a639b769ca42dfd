import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isPortFree } from '../port.js';

const PORTS = ['keystone', 'placement', 'glance', 'nova', 'neutron', 'cinder', 'rabbit', 'rabbitNode', 'epmd'] as const;
type PortName = (typeof PORTS)[number];

/** Where everything of one OpenStack is. Its catalogue and its files name the ports, so they stay as they were chosen at first. */
export interface Layout {
  readonly folder: string;
  readonly ports: Readonly<Record<PortName, number>>;
  /** Of every service and of the administrator; nothing of it is reached from outside of this host. */
  readonly secret: string;
  readonly nodeName: string;
  path(...names: string[]): string;
  url(service: PortName): string;
  database(name: string): string;
}

export const DATABASES = ['keystone', 'placement', 'glance', 'nova_api', 'nova_cell0', 'nova_cell1', 'neutron', 'cinder'] as const;

/** MariaDB's; Linux keeps socket paths this short. */
export const SOCKET = 'mariadb.sock';
const SOCKET_PATH_LIMIT = 107;

const FOLDERS = ['etc/keystone/fernet', 'etc/keystone/credential', 'etc/placement', 'log', 'images', 'tasks', 'staging', 'lock', 'state/instances', 'python', 'rabbit', 'rabbit-home'];

export async function layOut(folder: string): Promise<Layout> {
  if (Buffer.byteLength(join(folder, SOCKET)) > SOCKET_PATH_LIMIT) throw new Error(`The path ${join(folder, SOCKET)} is longer than a socket may have (${SOCKET_PATH_LIMIT} bytes): choose a shorter folder.`);
  for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  const file = join(folder, 'layout.json');
  const kept = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) as Pick<Layout, 'ports' | 'secret'> : undefined;
  const { ports, secret } = kept ?? { ports: await choosePorts(), secret: randomBytes(12).toString('hex') };
  for (const [name, port] of Object.entries(ports)) if (!await isPortFree(port)) throw new Error(`The port ${port} of ${name} is taken; delete ${folder} for an OpenStack on other ports.`);
  if (!kept) writeFileSync(file, JSON.stringify({ ports, secret }), { mode: 0o600 });
  return {
    folder, ports, secret, nodeName: `fogbow-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}@localhost`,
    path: (...names) => join(folder, ...names),
    url: (service) => `http://127.0.0.1:${ports[service]}`,
    database: (name) => `mysql+pymysql://root@localhost/${name}?unix_socket=${join(folder, SOCKET)}&charset=utf8`,
  };
}

async function choosePorts(): Promise<Layout['ports']> {
  const chosen = new Map<PortName, number>();
  for (const name of PORTS) {
    let port = await freePort();
    while ([...chosen.values()].includes(port)) port = await freePort();
    chosen.set(name, port);
  }
  return Object.fromEntries(chosen) as Layout['ports'];
}
