import { readFile } from 'node:fs/promises';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCredentials, CloudIdentity, CloudToken } from '@fogbow/plugin-contracts';
import type { OcciEndpoint } from './endpoint-client.js';
import { isRecord, parseJson } from './occi-resource.js';
import { hasCode } from './thing-calls.js';

/** `given`: the token is among the credentials. `json`: POST /v1/tokens. `occi`: GET /token with the credentials as headers (spec §1.11). */
export const TOKEN_WAYS = ['given', 'json', 'occi'] as const;
export type TokenWay = (typeof TOKEN_WAYS)[number];

export interface IdentityOptions {
  readonly endpoint: OcciEndpoint;
  readonly way: TokenWay;
  /** Files with a secret each, by the name of the credential; read whenever a token is needed, so they may change. */
  readonly files: Readonly<Record<string, string>>;
}

export function createIdentity(options: IdentityOptions): CloudIdentity {
  const ways: Record<TokenWay, (credentials: CloudCredentials, signal: AbortSignal) => Promise<CloudToken>> = {
    given: (credentials, signal) => checkGiven(options, credentials, signal),
    json: (credentials, signal) => askInJson(options, credentials, signal),
    occi: (credentials, signal) => askInOcci(options, credentials, signal),
  };
  return {
    async issue(credentials, signal) {
      const fromFiles = await Promise.all(Object.entries(options.files).map(async ([name, path]) => [name, await readSecret(name, path)] as const));
      return await ways[options.way]({ ...Object.fromEntries(fromFiles), ...credentials }, signal);
    },
  };
}

async function readSecret(name: string, path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FogbowError('cloud-unauthorized', `The file of cloud.settings.${name}File cannot be read.`, { cause });
  })).trim();
}

const unauthorized = (message: string): FogbowError => new FogbowError('cloud-unauthorized', message);
/** A header can hold it. */
const isToken = (value: string | undefined): value is string => value !== undefined && /^[\x21-\x7e]{1,16384}$/.test(value);

/** Looks once whether the endpoint takes it: else the first order would find out. */
async function checkGiven({ endpoint }: IdentityOptions, { token }: CloudCredentials, signal: AbortSignal): Promise<CloudToken> {
  if (!isToken(token)) throw unauthorized('There is no token for the OCCI endpoint: set cloud.settings.tokenFile.');
  await endpoint.ask({ method: 'GET', path: '/-/', token, signal });
  return { value: token };
}

async function askInJson({ endpoint }: IdentityOptions, credentials: CloudCredentials, signal: AbortSignal): Promise<CloudToken> {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };
  const { text } = await endpoint.ask({ method: 'POST', path: '/v1/tokens', signal, headers, body: { credentials }, isRepeatable: true }).catch(refuseCredentials);
  const answer = parseJson(text);
  const { token, expiresAt } = isRecord(answer) ? answer : {};
  const expires = typeof expiresAt === 'string' ? new Date(expiresAt) : undefined;
  return tokenOf(typeof token === 'string' ? token : undefined, expires && !Number.isNaN(expires.getTime()) ? expires : undefined);
}

async function askInOcci({ endpoint }: IdentityOptions, credentials: CloudCredentials, signal: AbortSignal): Promise<CloudToken> {
  const { text } = await endpoint.ask({ method: 'GET', path: '/token', signal, headers: { ...credentials, 'Content-Type': 'text/occi', Accept: 'text/plain' } }).catch(refuseCredentials);
  return tokenOf(text.trim());
}

function tokenOf(value: string | undefined, expiresAt?: Date): CloudToken {
  if (!isToken(value)) throw unauthorized('The OCCI endpoint gave no token for our credentials.');
  return { value, ...(expiresAt ? { expiresAt } : {}) };
}

/** Credentials that are incomplete are wrong too. */
function refuseCredentials(error: unknown): never {
  if (hasCode(error, 'cloud-rejected', 'not-found')) throw unauthorized(`The OCCI endpoint gives no tokens this way; look at cloud.settings.tokens. ${(error as Error).message}`);
  throw error;
}
