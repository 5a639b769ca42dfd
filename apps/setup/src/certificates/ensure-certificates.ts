import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Writer } from '../files/writer.js';
import { issueCertificate } from './issue-certificate.js';

const AUTHORITY_DAYS = 3650;
const DAYS = 365;
/** A certificate with less than this to live is made anew at the next run. */
const RENEW_MS = 60 * 86_400_000;

export interface Certified {
  /** Folder of the pair, `tls.crt` and `tls.key`, below the writer's. */
  readonly folder: string;
  readonly names: readonly string[];
}

/** The authority of a trial: made once, and whatever it vouches for made anew when names are missing or the end comes near. Returns its certificate. */
export function ensureTrialCertificates(root: string, writer: Writer, { domain, now, wanted }: { readonly domain: string; readonly now: Date; readonly wanted: readonly Certified[] }): string {
  const subject = `Fogbow trial authority of ${domain}`;
  const [caFile, caKeyFile] = [join(root, 'authority/ca.pem'), join(root, 'authority/ca.key')];
  if (!existsSync(caFile) || !existsSync(caKeyFile)) {
    const made = issueCertificate({ subject, names: [], days: AUTHORITY_DAYS, now });
    writer.write('authority/ca.key', made.key);
    writer.write('authority/ca.pem', made.certificate, 0o644);
  }
  const [authority, key] = [readFileSync(caFile, 'utf8'), readFileSync(caKeyFile, 'utf8')];
  for (const { folder, names } of wanted) {
    if (isGood(join(root, folder, 'tls.crt'), names, authority, now)) continue;
    const made = issueCertificate({ subject: names[0] ?? domain, names, days: DAYS, now, issuer: { subject, key } });
    // The key first: who reads in between finds a pair that does not fit, and looks again.
    writer.write(`${folder}/tls.key`, made.key);
    writer.write(`${folder}/tls.crt`, made.certificate, 0o644);
  }
  return authority;
}

function isGood(file: string, names: readonly string[], authority: string, now: Date): boolean {
  if (!existsSync(file)) return false;
  try {
    const certificate = new X509Certificate(readFileSync(file));
    const speaksFor = (name: string): boolean => (certificate.checkHost(name) ?? certificate.checkIP(name)) !== undefined;
    return names.every(speaksFor) && certificate.verify(new X509Certificate(authority).publicKey) && Date.parse(certificate.validTo) - now.getTime() > RENEW_MS;
  } catch {
    return false;
  }
}
