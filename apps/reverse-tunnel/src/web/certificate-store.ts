import { readdirSync, readFileSync, statSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { chooseCertificate } from './choose-certificate.js';

/** The certificates of a folder, as they are there now. */
export interface CertificateStore {
  /** The certificate for a name that a client asks for by SNI; for an unknown one the first of the folder. */
  contextFor(name: string): SecureContext;
  /** The first of the folder, for clients that ask for no name, as those that know an address only. */
  first(): PemPair;
  /** Calls when the first is another one. */
  onFirst(listener: (pair: PemPair) => void): void;
  /** The names that the certificates stand for. */
  names(): readonly string[];
  stop(): Promise<void>;
}

export interface PemPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface CertificateStoreOptions {
  readonly folder: string;
  readonly reloadMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Certificate { readonly stamp: string; readonly names: readonly string[]; readonly context: SecureContext; readonly pair: PemPair }

/**
 * Every NAME.crt (PEM, the chain after it) with NAME.key beside it; the names are those in the certificate. Rejects with
 * `unavailable` when there is none that can be used. The folder is looked at every `reloadMs`: what changed is read
 * again, and a pair that cannot be used, as in the middle of a renewal, leaves the one before in force.
 */
export async function openCertificates(options: CertificateStoreOptions): Promise<CertificateStore> {
  const { folder, reloadMs, clock, log } = options;
  let certificates = readFolder(folder, new Map(), log);
  if (certificates.size === 0) throw new FogbowError('unavailable', `There is no certificate NAME.crt with its key NAME.key in ${folder} that can be used.`);
  const stopping = new AbortController();
  const listeners: ((pair: PemPair) => void)[] = [];
  const first = (): PemPair => ([...certificates.values()][0] as Certificate).pair;
  const watch = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(reloadMs, stopping.signal);
      if (stopping.signal.aborted) return;
      const found = readFolder(folder, certificates, log);
      const before = first();
      if (found.size > 0) certificates = found;
      if (first() !== before) for (const listener of listeners) listener(first());
    }
  };
  const watching = watch();
  return {
    contextFor: (name) => (chooseCertificate([...certificates.values()], name) as Certificate).context,
    first,
    onFirst: (listener) => void listeners.push(listener),
    names: () => [...certificates.values()].flatMap((one) => one.names),
    async stop() {
      stopping.abort();
      await watching;
    },
  };
}

function readFolder(folder: string, before: ReadonlyMap<string, Certificate>, log: Logger): Map<string, Certificate> {
  const found = new Map<string, Certificate>();
  for (const file of filesOf(folder, log)) {
    const path = join(folder, file.slice(0, -'.crt'.length));
    const known = before.get(path);
    try {
      const stamp = `${stampOf(`${path}.crt`)} ${stampOf(`${path}.key`)}`;
      found.set(path, known?.stamp === stamp ? known : readCertificate(path, stamp));
      if (known?.stamp !== stamp) log.info('certificate read', { path, names: found.get(path)?.names });
    } catch (error) {
      if (!known || found.size === 0) log.warn('a certificate cannot be used', { path, error });
      if (known) found.set(path, known);
    }
  }
  return found;
}

function filesOf(folder: string, log: Logger): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.crt')).sort();
  } catch (error) {
    log.warn('the folder of the certificates cannot be read', { folder, error });
    return [];
  }
}

/** Another inode counts as a change too: renewals often turn a link. */
function stampOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file);
  return `${ino} ${mtimeMs} ${size}`;
}

function readCertificate(path: string, stamp: string): Certificate {
  const [cert, key] = [readFileSync(`${path}.crt`), readFileSync(`${path}.key`)];
  const x509 = new X509Certificate(cert);
  // Refuses a key that is not the certificate's.
  const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
  return { stamp, names: namesOf(x509), context, pair: { cert, key } };
}

const namesOf = ({ subjectAltName = '' }: X509Certificate): string[] =>
  subjectAltName.split(', ').flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice('DNS:'.length).toLowerCase()] : []));
