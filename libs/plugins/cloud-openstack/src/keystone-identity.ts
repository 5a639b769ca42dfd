import { readFile } from 'node:fs/promises';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCredentials, CloudIdentity } from '@fogbow/plugin-contracts';
import type { OpenStackHttp } from './openstack-http.js';

const NAMES = [
  'username', 'userId', 'userDomain', 'password', 'passwordFile', 'project', 'projectId', 'projectDomain',
  'applicationCredentialId', 'applicationCredentialSecret', 'applicationCredentialSecretFile', 'token', 'tokenFile',
] as const;
type Name = (typeof NAMES)[number];
type Given = Readonly<Partial<Record<Name, string>>>;

/**
 * Tokens of Keystone, Identity API v3, for one project. A file that holds a secret is read for each token, so a new password needs
 * no restart.
 */
export function createKeystoneIdentity(http: OpenStackHttp): CloudIdentity {
  return {
    async issue(credentials, signal) {
      const { value, body } = await http.authenticate(authOf(await withSecrets(credentials)), signal);
      return body.expires_at === undefined ? { value } : { value, expiresAt: new Date(body.expires_at) };
    },
  };
}

/** Pure: `auth` of the request. An application credential has its project already. */
export function authOf(given: Given): object {
  const { applicationCredentialId: id, applicationCredentialSecret: secret, token, password, username, userId } = given;
  if (id !== undefined && secret !== undefined) return { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
  if (token !== undefined) return { identity: { methods: ['token'], token: { id: token } }, scope: scopeOf(given) };
  if (password === undefined || (username === undefined && userId === undefined)) {
    throw unfit('needs username with password, or applicationCredentialId with applicationCredentialSecret, or token; each secret may be in a file (passwordFile)');
  }
  const user = userId !== undefined ? { id: userId, password } : { name: username, domain: { name: given.userDomain ?? 'Default' }, password };
  return { identity: { methods: ['password'], password: { user } }, scope: scopeOf(given) };
}

function scopeOf({ project, projectId, projectDomain }: Given): object {
  if (projectId !== undefined) return { project: { id: projectId } };
  if (project === undefined) throw unfit('names no project: machines, networks and quotas belong to one');
  return { project: { name: project, domain: { name: projectDomain ?? 'Default' } } };
}

async function withSecrets(credentials: CloudCredentials): Promise<Given> {
  const unknown = Object.keys(credentials).filter((name) => !NAMES.includes(name as Name));
  if (unknown.length > 0) throw unfit(`does not know ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
  const read = await Promise.all((['password', 'applicationCredentialSecret', 'token'] as const).map(async (name) => {
    const file = credentials[`${name}File`];
    if (file === undefined) return [];
    const text = await readFile(file, 'utf8').catch((cause: unknown) => { throw unfit(`cannot read ${name}File: ${cause instanceof Error ? cause.message : String(cause)}`); });
    return [[name, text.trim()] as const];
  }));
  return { ...credentials, ...Object.fromEntries(read.flat()) };
}

const unfit = (what: string): FogbowError => new FogbowError('cloud-unauthorized', `cloud.credentials of cloud-openstack ${what}.`);
