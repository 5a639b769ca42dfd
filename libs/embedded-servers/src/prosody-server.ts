import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startChildServer } from './child-server.js';
import type { ChildServer } from './child-server.js';
import { freePort } from './port.js';
import { commandLine, processesNaming, stopProcess } from './process.js';
import { accountFile, listening, PEERS_MODULE, prosodyConfig } from './prosody-config.js';
import type { ProsodyPorts, ProsodySite } from './prosody-config.js';
import { SetupError } from './setup-error.js';
import { findPrograms, installPackage } from './system-package.js';
import { canReach, findUser } from './unprivileged-user.js';
import type { SystemUser } from './unprivileged-user.js';

export interface ProsodyOptions {
  /** Shared by all sites; each has a folder of its own in it. */
  readonly directory: string;
  /** Every server that takes part, this one included: they find and believe each other, and nobody else. */
  readonly sites: readonly ProsodySite[];
  /** Which of them to start. */
  readonly domain: string;
  /** Whether a missing Prosody may be installed with apt-get. */
  readonly install: boolean;
  readonly logFile: string;
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Words to run it by, as of a child server. */
  readonly by?: readonly string[];
}

export interface ProsodyServer extends ChildServer {
  readonly site: ProsodySite;
  /** PEM file with the certificates of all sites, which they made themselves. */
  readonly certificates: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

const PACKAGE_USER = 'prosody';
const READY_TIMEOUT_MS = 20_000;

/** The program, installed by apt-get first when that is allowed and possible; undefined where there is none. */
export function findProsody(install: boolean, log: (line: string) => void): string | undefined {
  return findPrograms('prosody')[0] ?? (install && installPackage('prosody', log) ? findPrograms('prosody')[0] : undefined);
}

export async function freeProsodyPorts(): Promise<ProsodyPorts> {
  const [component = 0, s2s = 0, http = 0, https = 0] = await Promise.all(Array.from({ length: 4 }, freePort));
  return { component, s2s, http, https };
}

/** Starts one of the sites. Root starts it as the package's own user wherever that user can enter the folder. */
export async function startProsody(options: ProsodyOptions): Promise<ProsodyServer> {
  const { directory, sites, domain, logFile } = options;
  const program = findProsody(options.install, options.log);
  if (!program) throw new SetupError('The XMPP server Prosody is missing: install it (Debian and Ubuntu: apt-get install prosody).');
  const site = sites.find((one) => one.domain === domain);
  if (!site) throw new SetupError(`There is no site ${domain} among ${sites.map((one) => one.domain).join(', ')}.`);
  mkdirSync(directory, { recursive: true });
  await stopLeftoverProsody(join(directory, domain), options.log);
  const user = chooseUser(directory, options.log);
  const { configFile, certificates } = writeFiles(directory, sites, site, user);
  const args = ['-F', '--config', configFile];
  const start = existsSync(logFile) ? statSync(logFile).size : 0;
  const said = (): string => (existsSync(logFile) ? readFileSync(logFile).subarray(start).toString() : '');
  const runAs = user ? { uid: user.uid, gid: user.gid } : {};
  const child = await startChildServer({
    name: `Prosody of ${domain}`, command: program, args, by: options.by, logFile, ...runAs, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' },
    ready: () => isSettled(said(), site), readyTimeoutMs: READY_TIMEOUT_MS, stopSignal: 'SIGTERM', ...(options.signal ? { signal: options.signal } : {}),
  });
  const fault = /Failed to open server port.*/.exec(said())?.[0];
  if (fault === undefined) return { ...child, site, certificates, command: program, args, ...runAs };
  await child.stop();
  throw new SetupError(`Prosody of ${domain}: ${fault}.`);
}

/** Prosody goes on without a port that it cannot have, so only its log tells. */
function isSettled(log: string, site: ProsodySite): boolean {
  const services = ['s2s', 'http', 'https', ...(Object.keys(site.components).length > 0 ? ['component'] : [])];
  return log.includes('Failed to open server port') || services.every((service) => new RegExp(`Activated service '${service}' on .*:\\d+`).test(log));
}

/** Undefined: ourselves. */
function chooseUser(directory: string, log: (line: string) => void): SystemUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const user = findUser([PACKAGE_USER]);
  if (user && canReach(user, directory, 'x')) return user;
  log(`Prosody runs as root: ${user ? `its user cannot enter ${directory}` : `there is no user ${PACKAGE_USER}`}`);
  return undefined;
}

function writeFiles(directory: string, sites: readonly ProsodySite[], site: ProsodySite, user: SystemUser | undefined): { configFile: string; certificates: string } {
  const give = (path: string): void => { if (user) chownSync(path, user.uid, user.gid); };
  const write = (path: string, content: string): void => {
    writeFileSync(path, content, { mode: 0o600 });
    give(path);
  };
  const makeFolder = (path: string): void => { mkdirSync(path, { recursive: true, mode: 0o700 }); give(path); };
  const folder = join(directory, site.domain);
  const shared = join(directory, 'certificates');
  for (const path of [shared, folder, join(folder, 'data'), join(folder, 'plugins')]) makeFolder(path);
  const pairs = sites.map((one) => ensureCertificate(shared, one));
  const trusted = join(folder, 'trusted.pem');
  write(trusted, pairs.map(({ certificate }) => readFileSync(certificate, 'utf8')).join(''));
  chmodSync(trusted, 0o644);
  for (const name of readdirSync(shared)) give(join(shared, name));
  write(join(folder, 'plugins', 'mod_fogbow_peers.lua'), PEERS_MODULE);
  for (const [name, password] of Object.entries(site.accounts ?? {})) {
    const { path, content } = accountFile(site, name, password);
    makeFolder(dirname(dirname(join(folder, path))));
    makeFolder(dirname(join(folder, path)));
    write(join(folder, path), content);
  }
  const peers = Object.fromEntries(sites.flatMap((one) => [one.domain, ...Object.keys(one.components)].map((name) => [name, { host: listening(one).s2s, port: one.ports.s2s }])));
  const own = pairs[sites.indexOf(site)] as CertificatePair;
  const configFile = join(folder, 'prosody.cfg.lua');
  write(configFile, prosodyConfig(site, { folder, ...own, trusted, peers, asRoot: process.getuid?.() === 0 && !user }));
  return { configFile, certificates: trusted };
}

interface CertificatePair {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate that the site signs itself, made once for all the names it may speak for. */
function ensureCertificate(folder: string, site: ProsodySite): CertificatePair {
  const names = [site.domain, ...Object.keys(site.components)].map((name) => `DNS:${name}`).join(',');
  const [certificate, key] = [join(folder, `${site.domain}.crt`), join(folder, `${site.domain}.key`)];
  const noted = join(folder, `${site.domain}.names`);
  if (existsSync(certificate) && existsSync(noted) && readFileSync(noted, 'utf8') === names) return { certificate, key };
  const made = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '365', '-subj', `/CN=${site.domain}`,
    '-addext', `subjectAltName=${names},IP:127.0.0.1`, '-keyout', key, '-out', certificate,
  ], { encoding: 'utf8', timeout: 10_000 });
  if (made.status !== 0) throw new SetupError(`openssl could not make the certificate of ${site.domain}: ${made.error?.message ?? made.stderr.trim().split('\n').at(-1)}.`);
  writeFileSync(noted, names);
  return { certificate, key };
}

/** Ends the servers that a killed starter left behind for this folder. */
export async function stopLeftoverProsody(folder: string, log: (line: string) => void): Promise<void> {
  const left = processesNaming(`${folder}/`, 'prosody').filter((pid) => /\bprosody\S* -F --config /.test(commandLine(pid)));
  if (left.length > 0) log(`Stopping ${left.length} Prosody of an earlier start`);
  await Promise.all(left.map((pid) => stopProcess(pid)));
}
