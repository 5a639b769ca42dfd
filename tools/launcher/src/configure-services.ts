import { join } from 'node:path';
import { xmppPort } from './plan-federation.js';
import type { FederationPlan, MemberPlan } from './plan-federation.js';
import { sha256Hex } from './secrets.js';
import type { Secrets } from './secrets.js';

/** What is known only once the servers run, or comes from files. */
export interface Surroundings {
  /** The clone; built programs are under its dist. */
  readonly root: string;
  readonly secrets: Secrets;
  readonly redisUrl: string;
  databaseUrl(database: string): string;
  /** Settings and credentials of a cloud that is not embedded, read from the file the user named. */
  cloudFile(path: string): CloudFile;
}

/** What an operator writes about a member's cloud. */
export interface CloudFile {
  readonly settings?: object;
  readonly credentials?: object;
  /** Where the cloud's machines reach this host; absent: 127.0.0.1, which only processes of the host reach. */
  readonly dialHost?: string;
}

/** One process to be: its program and, for those that take one, its configuration file. */
export interface ServicePlan {
  readonly name: string;
  /** Services of a stage start side by side, stages one after another. */
  readonly stage: 'router' | 'rendezvous' | 'edge' | 'manager';
  readonly program: string;
  readonly args: readonly string[];
  readonly configFile?: string;
  readonly health: string;
}

/** A file to write before the services start: configuration, or the users of a member. */
export interface PlannedFile {
  readonly path: string;
  readonly content: object;
}

const HOST = '127.0.0.1';
const local = (port: number): { host: string; port: number } => ({ host: HOST, port });
export const programPath = (root: string, project: string, entry = 'main.js'): string => join(root, 'dist', project, entry);

/** Flavors of every member; RAM in MiB, disk in GiB. */
const FLAVORS = {
  fogbow_small: { vcpu: 1, ramMb: 512, diskGb: 5 },
  fogbow_medium: { vcpu: 2, ramMb: 2048, diskGb: 20 },
  fogbow_large: { vcpu: 4, ramMb: 8192, diskGb: 40 },
};

export function configureServices(plan: FederationPlan, around: Surroundings): { services: ServicePlan[]; files: PlannedFile[] } {
  const { rendezvousJid, ports, members } = plan;
  const router = service(plan, around, 'xmpp-router', 'xmpp-router', 'router', {
    listen: local(ports.router), http: local(ports.routerHttp),
    components: Object.fromEntries([rendezvousJid, ...members.map(({ id }) => id)].map((jid) => [jid, xmppSecret(around.secrets, jid)])),
  });
  const made = [
    ...(plan.xmpp === 'router' ? [router] : []),
    service(plan, around, 'rendezvous', 'rendezvous', 'rendezvous', {
      xmpp: { jid: rendezvousJid, ...local(xmppPort(plan)), secret: xmppSecret(around.secrets, rendezvousJid) }, http: local(ports.rendezvousHttp), announcePeriod: '5s',
      redis: { url: around.redisUrl, prefix: 'rendezvous' },
    }),
    ...members.flatMap((member) => memberServices(plan, around, member)),
  ];
  return { services: made.map((one) => one.service), files: [...made.flatMap((one) => one.files), ...members.map((member) => usersFile(plan, around, member))] };
}

/** A configuration file's content; every service has a health page. */
interface ServiceConfig {
  readonly http: { readonly host: string; readonly port: number };
  readonly [section: string]: unknown;
}

interface Made {
  readonly service: ServicePlan;
  readonly files: readonly PlannedFile[];
}

function service(plan: FederationPlan, around: Surroundings, name: string, app: string, stage: ServicePlan['stage'], config: ServiceConfig): Made {
  const configFile = join(plan.data, 'config', `${name}.yaml`);
  return {
    service: { name, stage, program: programPath(around.root, `apps/${app}`), args: ['--config', configFile], configFile, health: `http://${HOST}:${config.http.port}/health/ready` },
    files: [{ path: configFile, content: config }],
  };
}

export const xmppSecret = (secrets: Secrets, jid: string): string => secrets.text(`xmpp-${jid}`);
const usersPath = (plan: FederationPlan, member: MemberPlan): string => join(plan.data, 'config', `users-${member.letter}.yaml`);

/** The tunnel's Redis stands beside the tunnel in production, so it has its own address in the manager's configuration. */
const tunnelRedis = (around: Surroundings, member: MemberPlan): { url: string; prefix: string } => ({ url: around.redisUrl, prefix: `tunnel-${member.letter}` });

export function userToken(secrets: Secrets, member: MemberPlan): string {
  return secrets.text(`token-${member.letter}-${member.user}`);
}

function usersFile(plan: FederationPlan, around: Surroundings, member: MemberPlan): PlannedFile {
  return { path: usersPath(plan, member), content: { users: [{ id: member.user, name: member.user, tokenSha256: sha256Hex(userToken(around.secrets, member)) }] } };
}

function memberServices(plan: FederationPlan, around: Surroundings, member: MemberPlan): Made[] {
  const { letter, ports } = member;
  const fake = member.cloud.plugin === 'cloud-fake' ? [fakeCloud(around, member)] : [];
  const dialHost = cloudFileOf(around, member).dialHost ?? HOST;
  const tunnel = service(plan, around, `tunnel-${letter}`, 'reverse-tunnel', 'edge', {
    ssh: { ...local(ports.tunnelSsh), host: dialHost, hostKeyFile: join(plan.data, 'secrets', `tunnel-${letter}-host-key`) },
    ports: { host: HOST, from: ports.publicFrom, to: ports.publicTo },
    publicHost: HOST, dialHost, redis: tunnelRedis(around, member), http: local(ports.tunnelHttp), workers: 0,
    // All machines of this host have one address: one that fails must not keep the others out.
    limits: { penalties: false },
    // In plain HTTP, so only where machines dial the loopback; names under localhost lead there.
    ...(dialHost === HOST ? { web: { ...local(ports.tunnelWeb), domain: `${letter}.localhost` } } : {}),
  });
  return [...fake, tunnel, service(plan, around, `manager-${letter}`, 'manager', 'manager', managerConfig(plan, around, member))];
}

function managerConfig(plan: FederationPlan, around: Surroundings, member: MemberPlan): ServiceConfig {
  const tunnel = tunnelRedis(around, member);
  return {
    member: { id: member.id },
    http: local(member.ports.http),
    database: { url: around.databaseUrl(member.database) },
    redis: { url: around.redisUrl, prefix: `manager-${member.letter}` },
    xmpp: xmppConfig(plan, around, member),
    rendezvous: { jid: plan.rendezvousJid },
    tunnel: { redisUrl: tunnel.url, redisPrefix: tunnel.prefix },
    cloud: { plugin: member.cloud.plugin, ...cloudConfig(around, member) },
    identity: { plugin: 'identity-static', settings: { usersFile: usersPath(plan, member) } },
    picker: { plugin: 'picker-round-robin' },
    keyFile: around.secrets.keyFile(`key-${member.letter}`),
    flavors: FLAVORS,
    periods: { monitor: '5s', announce: '2s' },
  };
}

function xmppConfig(plan: FederationPlan, around: Surroundings, member: MemberPlan): object {
  const secret = xmppSecret(around.secrets, member.id);
  if (plan.xmpp !== 'websocket') return { ...local(xmppPort(plan, member)), secret };
  return { url: `wss://${HOST}:${member.ports.prosody.https}/xmpp-websocket`, caFile: certificatesOf(plan.data, member), secret };
}

/** Every server of the federation signs for itself; this file holds what they sign with. */
const certificatesOf = (data: string, { letter }: MemberPlan): string => join(prosodyFolder(data), prosodyDomain(letter), 'trusted.pem');
export const prosodyFolder = (data: string): string => join(data, 'prosody');
export const prosodyDomain = (letter: string): string => `${letter}.fogbow.local`;

const cloudFileOf = (around: Surroundings, { cloud: { file } }: MemberPlan): CloudFile => (file === undefined ? {} : around.cloudFile(file));

function cloudConfig(around: Surroundings, member: MemberPlan): { settings: object; credentials: object } {
  const credentials = { username: 'fogbow', password: 'fogbow' };
  const { plugin, file } = member.cloud;
  if (file !== undefined) return { settings: cloudFileOf(around, member).settings ?? {}, credentials: cloudFileOf(around, member).credentials ?? {} };
  if (plugin === 'cloud-fake') return { settings: { url: `http://${HOST}:${member.ports.fakeCloud}` }, credentials };
  if (plugin !== 'cloud-local') return { settings: {}, credentials: {} };
  const room = { maxInstances: member.maxInstances, maxVcpu: member.maxInstances * 4, maxRamMb: member.maxInstances * 8192 };
  return { settings: { directory: member.cloudDirectory, ...room, machineProgram: programPath(around.root, 'libs/plugins/cloud-local', 'machine/main.js') }, credentials };
}

/** The fake cloud is a process of its own, as a real cloud is: its machines outlive the manager. */
function fakeCloud(around: Surroundings, member: MemberPlan): Made {
  const state = join(member.cloudDirectory, 'fake-cloud.state');
  const { fakeCloud: port } = member.ports;
  const knobs = JSON.stringify({ maxInstances: member.maxInstances });
  return {
    service: {
      name: `fake-cloud-${member.letter}`, stage: 'edge', program: programPath(around.root, 'libs/plugins/cloud-fake'),
      args: ['--port', String(port), '--host', HOST, '--state', state, '--knobs', knobs], health: `http://${HOST}:${port}/health`,
    },
    files: [],
  };
}
