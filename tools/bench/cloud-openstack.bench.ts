/**
 * Machines per second through the Manager and cloud-openstack, beside a bare loop of HTTP calls to the same Nova in the same run: a POST for
 * each machine by as many callers, and the list until all are ACTIVE. Counts what Nova is asked for each machine, and for monitoring them.
 * Exit status 77 when no OpenStack can run here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openAdmin, startOpenStack, until, whyNoOpenStack } from '@fogbow/embedded-servers';
import type { OpenStackAdmin, OpenStackSite, RunningOpenStack } from '@fogbow/embedded-servers';
import { post, startManagerOn } from './bench-manager.js';
import { startBenchServers } from './bench-servers.js';
import { reportBench } from './report.js';

const SKIPPED = 77;
const MACHINES = 20;
const CALLERS = 8;
const PATIENCE_MS = 300_000;
/** GET of the flavors, images and networks aside, a machine costs Nova one POST, one DELETE, and one look each before it is made and removed. */
const LEAST_CALLS = 4;
const MONITOR_PERIOD_S = 5;

interface Bare extends OpenStackAdmin { readonly body: (name: string) => object }

async function openBare({ authUrl, urls, home, image }: OpenStackSite): Promise<Bare> {
  const api = await openAdmin({ ...home, authUrl }, urls);
  const [{ flavors }, { images }, { networks }] = await Promise.all([
    api.ask<{ flavors: { id: string; name: string }[] }>('compute', 'GET', '/flavors'), api.ask<{ images: { id: string; name: string }[] }>('image', 'GET', '/images'),
    api.ask<{ networks: { id: string; name: string }[] }>('network', 'GET', '/networks'),
  ]);
  const idOf = (all: readonly { id: string; name: string }[], name: string): string => all.find((one) => one.name === name)?.id ?? '';
  const [flavorRef, imageRef, uuid] = [idOf(flavors, 'm1.tiny'), idOf(images, image), idOf(networks, home.network)];
  return { ...api, body: (name) => ({ server: { name, flavorRef, imageRef, networks: [{ uuid }] } }) };
}

const serversOf = async ({ ask }: Bare): Promise<{ id: string; status: string }[]> => (await ask<{ servers: { id: string; status: string }[] }>('compute', 'GET', '/servers/detail')).servers;

async function empty(bare: Bare): Promise<void> {
  for (const { id } of await serversOf(bare)) await bare.ask('compute', 'DELETE', `/servers/${id}`).catch(() => undefined);
  await until(async () => (await serversOf(bare)).length === 0, PATIENCE_MS, 500);
}

async function bareLoop(bare: Bare): Promise<number> {
  const begun = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    while (next < MACHINES) await bare.ask('compute', 'POST', '/servers', bare.body(`bare-${next++}`));
  }));
  if (!await until(async () => (await serversOf(bare)).filter(({ status }) => status === 'ACTIVE').length === MACHINES, PATIENCE_MS, 500)) throw new Error('The bare loop did not end.');
  return MACHINES / ((performance.now() - begun) / 1000);
}

/** What Nova was asked by the member's account, by its own log. */
const callsOf = ({ folder, site }: RunningOpenStack): number =>
  readFileSync(join(folder, 'log', 'nova-api.log'), 'utf8').split('\n').filter((line) => line.includes(` ${site.home.projectId} `) && /"(?:GET|POST|DELETE) \/v2\.1/.test(line)).length;

async function measure(cloud: RunningOpenStack, endings: (() => Promise<void>)[]): Promise<void> {
  const { site } = cloud;
  const bare = await openBare(site);
  await empty(bare);
  const servers = await startBenchServers();
  endings.push(() => servers.stop());
  const manager = await startManagerOn(servers, {
    settings: {
      'cloud.plugin': 'cloud-openstack', 'cloud.settings': { authUrl: site.authUrl, network: site.home.network, image: site.image },
      'cloud.credentials': { username: site.home.username, password: site.home.password, project: site.home.project },
      flavors: { small: { vcpu: 1, ramMb: 512, diskGb: 1 } }, 'periods.monitor': `${MONITOR_PERIOD_S}s`,
    },
  });
  endings.push(() => manager.stop());
  const peer = await bareLoop(bare);
  await empty(bare);
  const before = callsOf(cloud);
  const begun = performance.now();
  await post(manager, { count: MACHINES, flavor: 'small' });
  await manager.untilFulfilled(MACHINES);
  const ours = MACHINES / ((performance.now() - begun) / 1000);
  const making = callsOf(cloud) - before;
  await new Promise((resolve) => { setTimeout(resolve, 4 * MONITOR_PERIOD_S * 1000); });
  const monitoring = (callsOf(cloud) - before - making) / 4;
  const beforeRemoval = callsOf(cloud);
  await manager.clear();
  const calls = (making + callsOf(cloud) - beforeRemoval) / MACHINES;
  reportBench([
    { what: `${MACHINES} machines through the Manager against a bare loop`, ours, peer, unit: 'machines/s', ratio: ours / peer, goal: 0.9 },
    { what: 'what Nova is asked for a machine, made and removed, against the least', ours: calls, peer: LEAST_CALLS, unit: 'calls', ratio: (1.5 * LEAST_CALLS) / calls, goal: 1 },
    { what: `what Nova is asked in a period of monitoring ${MACHINES} machines, against two`, ours: monitoring, peer: 2, unit: 'calls', ratio: 2 / monitoring, goal: 1 },
  ]);
}

async function main(): Promise<number> {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const missing = whyNoOpenStack(say);
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const endings: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    for (const one of endings.splice(0).reverse()) await one();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(130)));
  try {
    await measure(await startOpenStack({ folder: join(String(process.env['FOGBOW_ROOT']), '.cache', 'openstack'), endings, say }), endings);
    return 0;
  } finally {
    await end();
  }
}

main().then((status) => process.exit(process.exitCode === undefined ? status : process.exitCode), (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
