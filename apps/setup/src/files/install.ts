import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { Answers } from '../answers/answers.js';
import { namesOf } from '../answers/answers.js';
import { ensureTrialCertificates } from '../certificates/ensure-certificates.js';
import { DATA_FOLDERS, planFiles } from './plan-files.js';
import { createSecretStore } from './secret-store.js';
import { createWriter } from './writer.js';
import type { Fate } from './writer.js';

export interface InstallOptions {
  /** Of the installation. */
  readonly folder: string;
  /** With internal/, external/ and all-in-one/ as they are in the repository's deploy/. */
  readonly templates: string;
  readonly now: Date;
}

export interface Installed {
  readonly fates: ReadonlyMap<string, Fate>;
  /** Pairs that the operator has to put there. */
  readonly missing: readonly string[];
}

/** Folders with the pair of each host, `tls.crt` and `tls.key`. */
const PAIRS = ['internal/certificates', 'external/certificates'] as const;

/** What only works on a host of its own: the services of one host bear the names of others where both are one. */
const OF_A_HOST = ['compose.yml', 'second-tunnel.yml', 'backup.sh', 'restore.sh', 'upgrade.sh', 'reload-certificates.sh'];

/** Writes the whole installation. A second run changes what follows from changed answers, and nothing else. */
export function install(answers: Answers, { folder, templates, now }: InstallOptions): Installed {
  const writer = createWriter(folder, answers.owner);
  writer.folder('');
  const secrets = createSecretStore(folder, writer);
  for (const name of [...DATA_FOLDERS, ...PAIRS].flatMap(withParents)) writer.folder(name);
  const authority = answers.certificates === 'trial' ? ensureTrialCertificates(folder, writer, { domain: answers.domain, now, wanted: wantedCertificates(answers) }) : undefined;
  const members = membersAuthorities(folder, authority);
  for (const { path, content, mode, merge } of planFiles(answers, { secrets, authority, members })) {
    const file = join(folder, path);
    writer.write(path, merge && existsSync(file) ? merge(readFileSync(file, 'utf8')) : content, mode);
  }
  const isOneHost = answers.layout === 'all-in-one';
  for (const host of ['internal', 'external']) copyTemplates(join(templates, host), host, writer, isOneHost ? OF_A_HOST : undefined);
  if (isOneHost) copyTemplates(join(templates, 'all-in-one'), '', writer);
  const missing = PAIRS.flatMap((one) => ['tls.crt', 'tls.key'].map((name) => `${one}/${name}`)).filter((path) => !existsSync(join(folder, path)));
  return { fates: writer.fates(), missing };
}

const withParents = (path: string): string[] => path.split('/').map((_, index, parts) => parts.slice(0, index + 1).join('/'));

function wantedCertificates(answers: Answers) {
  const names = namesOf(answers);
  const components = [names.manager, ...(answers.rendezvous === 'own' ? [names.rendezvous] : []), names.doctor];
  return [
    { folder: PAIRS[0], names: [names.internal, answers.internalAddress, 'localhost', '127.0.0.1'] },
    { folder: PAIRS[1], names: [answers.domain, names.external, ...components, answers.insideAddress, ...(answers.insideAddress === answers.publicAddress ? [] : [answers.publicAddress])] },
  ];
}

/** Who may vouch for another member: our own authority or those that the world knows, and what lies in trusted/. */
function membersAuthorities(folder: string, authority: string | undefined): string {
  const trusted = join(folder, 'trusted');
  const others = readdirSync(trusted).filter((name) => name.endsWith('.pem')).sort().map((name) => readFileSync(join(trusted, name), 'utf8').trim());
  return `${[...(authority === undefined ? rootCertificates : [authority.trim()]), ...others].join('\n')}\n`;
}

function copyTemplates(from: string, into: string, writer: ReturnType<typeof createWriter>, without: readonly string[] = []): void {
  for (const file of filesUnder(from).filter((one) => !without.includes(relative(from, one)))) writer.write(join(into, relative(from, file)), readFileSync(file, 'utf8'), (statSync(file).mode & 0o100) === 0 ? 0o644 : 0o755);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder).sort().map((name) => join(folder, name)).flatMap((path) => (statSync(path).isDirectory() ? filesUnder(path) : [path]));
}
