import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Writes NAME.crt and NAME.key, good for these host names and vouched for by itself, as openssl makes them. */
export function makeCertificate(folder: string, name: string, hosts: readonly string[]): void {
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=${hosts.join(',')}`,
    '-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`),
  ], { stdio: 'ignore' });
}
