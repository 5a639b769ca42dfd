import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerEngine } from '@fogbow/embedded-servers';
import { loadMachineImage, startContainerEngine } from '@fogbow/embedded-servers';
import { stringify } from 'yaml';
import { cloneRoot } from '../start-federation.js';
import { loadImages, run } from './images.js';
import { addressOf, domainOf, managerOf, NAME_SERVER, PORTS } from './layout.js';
import type { Letter } from './layout.js';
import type { Network } from './network.js';

/** A member as its operator has it: what fogbow-setup wrote, and the engines of both hosts. */
export interface Member {
  readonly letter: Letter;
  readonly id: string;
  /** With internal/, external/, secrets/. */
  readonly folder: string;
  readonly engines: Readonly<Record<HostKind, ContainerEngine>>;
  /** Runs Compose over the file of the host, as the operator does. */
  compose(host: HostKind, ...words: string[]): Promise<string>;
  docker(host: HostKind, ...words: string[]): Promise<string>;
  /** What `docker compose run --rm doctor` finds on the host. */
  doctor(host: HostKind, ...words: string[]): Promise<Diagnosis>;
  /** Runs fogbow-setup again, with these words. */
  setUp(...words: string[]): Promise<string>;
}

/** What `fogbow doctor --json` says. */
export interface Diagnosis {
  readonly ok: boolean;
  readonly findings: readonly { readonly check: string; readonly ok: boolean; readonly says: string; readonly remedy?: string }[];
}

export type HostKind = 'internal' | 'external';
const KINDS = { internal: ['node', 'haproxy', 'postgres', 'redis'], external: ['node', 'redis', 'prosody'] } as const;
export const OWNER = 10_001;
export const MACHINE_IMAGE = 'fogbow-machine:1';

/** Seconds where production takes half a minute. */
const MANAGER = {
  placement: { retryAfter: '1s', resendAfter: '2s' }, members: { life: '20s' }, orphans: { grace: '2s' },
  periods: { scheduler: '1s', release: '1s', resend: '1s', monitor: '1s', served: '2s', announce: '1s', grants: '2s' },
};

/** Writes what the operators of A and B write, exchanges what they exchange, and starts an engine on each of their hosts. */
export async function createMember(network: Network, estate: string, letter: Letter, cloudFile: string | undefined, settings: object = {}): Promise<Member> {
  const folder = join(estate, letter);
  const managerFile = join(estate, 'manager.yaml');
  writeFileSync(managerFile, stringify({ ...MANAGER, ...settings }));
  const setUp = (...words: string[]): Promise<string> => run(process.execPath, [join(cloneRoot(), 'dist', 'apps', 'setup', 'main.js'), '--yes', '--directory', folder, ...words]);
  await setUp(
    '--domain', domainOf(letter), '--internal-address', addressOf(`int-${letter}`), '--public-address', addressOf(`ext-${letter}`, 'world'), '--inside-address', addressOf(`ext-${letter}`),
    '--rendezvous', letter === 'a' ? 'own' : `rendezvous.${domainOf('a')}`, '--images', 'debian', '--public-ports', `${PORTS.publicFrom}-${PORTS.publicTo}`, '--manager-file', managerFile,
    '--user', `user-${letter}`, '--owner', `${OWNER}:${OWNER}`, ...(cloudFile === undefined ? [] : ['--cloud', 'cloud-containers', '--cloud-file', cloudFile]),
  );
  const engine = async (host: HostKind): Promise<ContainerEngine> => {
    const place = host === 'internal' ? `int-${letter}` as const : `ext-${letter}` as const;
    return await startContainerEngine({ namespace: network.namespaceOf(place), hostAddress: addressOf(place), args: ['--dns', NAME_SERVER] });
  };
  const internal = await engine('internal');
  const engines = { internal, external: await orNothing(internal, engine('external')) };
  const at = (host: HostKind): Record<string, string> => ({ DOCKER_HOST: `unix://${engines[host].socket}` });
  const compose = (host: HostKind, words: readonly string[], fine = [0]): Promise<string> =>
    run('docker-compose', ['-f', 'compose.yml', ...words], { cwd: join(folder, host), env: { ...at(host), COMPOSE_HTTP_TIMEOUT: '180' }, fine });
  return {
    letter, id: managerOf(letter), folder, engines, setUp,
    compose: (host, ...words) => compose(host, words),
    doctor: async (host, ...words) => JSON.parse(await compose(host, ['run', '--rm', '-T', '--no-deps', 'doctor', '--json', '--timeout', '60', ...words], [0, 1])) as Diagnosis,
    docker: (host, ...words) => run('docker', words, { env: at(host) }),
  };
}

/** Where the next step fails nobody else could end an engine that runs already. */
async function orNothing<Value>(engine: ContainerEngine, next: Promise<Value>): Promise<Value> {
  try {
    return await next;
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

export async function loadHostImages({ engines }: Member): Promise<void> {
  for (const host of ['internal', 'external'] as const) await loadImages(engines[host].socket, KINDS[host]);
}

/** In a trial each has an authority of its own; their operators give each other the certificates. */
export async function exchangeTrust(members: readonly Member[]): Promise<void> {
  for (const member of members) {
    for (const other of members.filter((one) => one !== member)) copyFileSync(join(other.folder, 'authority', 'ca.pem'), join(member.folder, 'trusted', `${other.letter}.pem`));
    await member.setUp();
  }
}

/** A cloud: an engine on a host of its own. `folder` has what its people give to those who may use it: ca.pem, client.pem, client.key. */
export interface EngineCloud {
  readonly engine: ContainerEngine;
  readonly folder: string;
  /** Names of the files that its users need. */
  readonly files: readonly string[];
}

/** An engine with the machine's image, which proves itself and wants whoever speaks to it to do so. */
export async function startEngineCloud({ namespace, address }: { readonly namespace: string; readonly address: string }, estate: string): Promise<EngineCloud> {
  const folder = join(estate, 'cloud');
  mkdirSync(folder, { mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore', cwd: folder });
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=cloud authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const [name, use] of [['server', `subjectAltName=IP:${address}`], ['client', 'extendedKeyUsage=clientAuth']] as const) {
    writeFileSync(file(`${name}.ext`), use);
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`);
  }
  const engine = await startContainerEngine({
    namespace, hostAddress: address,
    args: ['-H', `tcp://${address}:${PORTS.engine}`, '--tlsverify', '--tlscacert', file('ca.pem'), '--tlscert', file('server.pem'), '--tlskey', file('server.key')],
  });
  await orNothing(engine, loadMachineImage(cloneRoot(), engine.socket, MACHINE_IMAGE));
  return { engine, folder, files: ['ca.pem', 'client.pem', 'client.key'] };
}

/** The cloud of B. */
export async function startCloud(network: Network, estate: string, maxInstances = 4): Promise<{ readonly engine: ContainerEngine; readonly cloudFile: string; give(member: Member): void }> {
  const address = addressOf('cloud-b');
  const { engine, folder, files } = await startEngineCloud({ namespace: network.namespaceOf('cloud-b'), address }, estate);
  const there = (name: string): string => `/etc/fogbow/cloud/${name}`;
  const settings = {
    url: `https://${address}:${PORTS.engine}`, caFile: there('ca.pem'), certFile: there('client.pem'), keyFile: there('client.key'), images: { 'fogbow-machine': MACHINE_IMAGE }, maxInstances,
  };
  const cloudFile = join(folder, 'cloud.yaml');
  writeFileSync(cloudFile, stringify({ settings }));
  return {
    engine, cloudFile,
    give(member) {
      for (const name of files) {
        const to = join(member.folder, 'internal', 'cloud', name);
        copyFileSync(join(folder, name), to);
        chownSync(to, OWNER, OWNER);
        chmodSync(to, 0o600);
      }
    },
  };
}

export function tokenOf({ folder, letter }: Member): string {
  return readFileSync(join(folder, 'secrets', `token-user-${letter}`), 'utf8').trim();
}

/** How each service of a host is, by its name: `healthy`, `unhealthy`, `starting`, or what else the engine says. */
export async function healthOf(member: Member, host: HostKind): Promise<Record<string, string>> {
  const ids = (await member.docker(host, 'ps', '-aq')).split('\n').filter(Boolean);
  if (ids.length === 0) return {};
  const form = '{{index .Config.Labels "com.docker.compose.service"}} {{.State.Status}} {{.State.Health.Status}}';
  return Object.fromEntries((await member.docker(host, 'inspect', '--format', form, ...ids)).split('\n').map((line) => {
    const [service = '', status = '', health = ''] = line.split(' ');
    return [service, status === 'running' ? health : status];
  }));
}

