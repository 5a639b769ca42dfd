import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { stringify } from 'yaml';
import { freePort, startChildServer, startPostgres, startRedis } from '@fogbow/embedded-servers';
import type { OpenStackSite } from '@fogbow/embedded-servers';
import { createApiClient } from '../api-client.js';
import type { ApiClient } from '../api-client.js';
import { cloneRoot } from '../start-federation.js';

/** One Manager of a member without other members and without a tunnel: the machines of Nova's fake hypervisor dial nobody. */
export interface OpenStackManager {
  readonly home: ApiClient;
  readonly logFile: string;
  stop(): Promise<void>;
}

const MEMBER = 'manager.openstack.example';

/** Short periods, so that the story need not wait for what the Manager does by and by. */
const PERIODS = {
  'periods.monitor': '5s', 'periods.scheduler': '5s', 'periods.release': '3s', 'placement.retryAfter': '5s', 'limits.failedBoots': 2, 'cloud.timeout': '45s', 'orphans.grace': '10s',
};
const FLAVORS = { small: { vcpu: 1, ramMb: 512, diskGb: 1 }, huge: { vcpu: 1, ramMb: 900_000, diskGb: 1 } };

/** `more`: settings of the plugin. Everything that was started ends in the turned order, also after a start that broke off. */
export async function startOpenStackManager(site: OpenStackSite, settings: Readonly<Record<string, unknown>> = {}, more: Readonly<Record<string, unknown>> = {}): Promise<OpenStackManager> {
  const folder = mkdtempSync(join(tmpdir(), 'fogbow-openstack-'));
  const endings: (() => Promise<unknown> | void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of endings.splice(0).reverse()) await end();
  };
  try {
    const log = (): void => undefined;
    const postgres = await startPostgres({ directory: join(folder, 'pg'), port: await freePort(), durable: false, logFile: join(folder, 'pg.log'), log });
    endings.push(() => postgres.stop());
    const redis = await startRedis({ directory: join(folder, 'redis'), port: await freePort(), durable: false, logFile: join(folder, 'redis.log'), log, install: true });
    endings.push(() => redis.stop());
    await createDatabase(postgres.url('postgres'));
    const [port, token, logFile] = [await freePort(), randomBytes(16).toString('hex'), join(folder, 'manager.log')];
    const configFile = writeConfiguration(folder, site, token, { ...PERIODS, 'http.port': port, 'database.url': postgres.url('fogbow'), 'redis.url': redis.url, ...settings }, more);
    const url = `http://127.0.0.1:${port}`;
    const manager = await startChildServer({
      name: 'manager', command: process.execPath, args: [join(cloneRoot(), 'dist/apps/manager/main.js'), '--config', configFile], logFile, stopSignal: 'SIGTERM', readyTimeoutMs: 30_000,
      ready: async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.ok === true,
    });
    endings.push(() => manager.stop());
    return { home: createApiClient({ managerUrl: url, users: [{ name: 'owner', token }] }), logFile, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create database fogbow');
  await client.end();
}

function writeConfiguration(folder: string, { authUrl, image, home, publicNetwork }: OpenStackSite, token: string, settings: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>>): string {
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const users = [{ id: 'owner', name: 'owner', tokenSha256: createHash('sha256').update(token).digest('hex') }];
  return write('manager.yaml', stringify({
    'member.id': MEMBER, keyFile: write('key', randomBytes(32).toString('base64')), 'identity.plugin': 'identity-static', 'identity.settings': { usersFile: write('users.yaml', stringify({ users })) },
    'cloud.plugin': 'cloud-openstack', 'cloud.settings': { authUrl, network: home.network, image, externalNetwork: publicNetwork, interface: 'internal', requestTimeout: '15s', ...more },
    'cloud.credentials': { username: home.username, project: home.project, passwordFile: write('password', home.password) },
    flavors: FLAVORS, 'log.level': 'info', ...settings,
  }));
}
