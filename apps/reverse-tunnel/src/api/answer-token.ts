import { createPublicKey } from 'node:crypto';
import { isFogbowError } from '@fogbow/plugin-contracts';
import { addService, removeService } from '../grants/change-services.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import { json, text } from './api-answer.js';
import type { ApiAnswer, ApiRequest } from './api-answer.js';
import { authenticateToken } from './authenticate-grant.js';
import { grantOf } from './grant-desk-api.js';
import type { ApiGround } from './grant-desk-api.js';

/** `<grant>` for the service ssh, `<grant>-<service>` for another. */
const TOKEN = /^\/token\/([A-Za-z0-9][A-Za-z0-9._-]{0,191})(?:\/(all|\d{1,5}))?$/;
const NOTHING: ApiAnswer = text(405, '');

/**
 * The HTTP API of the original (spec §4.1), its words included, with what it lacked: the secret of the grant as bearer
 * (spec §9, weakness 5). A token that is not the caller's is as unknown as one that does not exist; `/informations`, which
 * tells everybody everything, is not offered.
 */
export async function answerToken(ground: ApiGround, request: ApiRequest): Promise<ApiAnswer> {
  if (request.path === '/hostkey') return request.method === 'GET' ? text(200, publicKeyOf(ground.endpoint.hostKey)) : NOTHING;
  const [, token, tail] = TOKEN.exec(request.path) ?? [];
  if (token === undefined) return NOTHING;
  const grant = grantOf(ground, authenticateToken(ground.desk.store, token, request.authorization), 'The bearer token must be the secret of the grant.');
  const name = token === grant.id ? 'ssh' : token.slice(grant.id.length + 1);
  if (tail === undefined) return await answerOne(ground, grant, name, request.method);
  if (tail === 'all') return request.method === 'GET' && token === grant.id ? json(200, Object.fromEntries(grant.services.map((service) => [service.name, service.port]))) : NOTHING;
  return request.method === 'DELETE' ? await remove(ground, grant, name, Number(tail)) : NOTHING;
}

async function answerOne(ground: ApiGround, grant: StoredGrant, name: string, method: string): Promise<ApiAnswer> {
  const known = grant.services.find((service) => service.name === name);
  if (method === 'GET') return known ? text(200, String(known.port)) : text(404, '404 Port Not Found');
  if (method !== 'POST') return NOTHING;
  try {
    const { port } = known ?? await addService(ground.desk, grant.id, { name, kind: 'tcp' }, ground.limits);
    return text(200, `${port}:${ground.endpoint.dialPort}`);
  } catch (error) {
    if (!isFogbowError(error)) throw error;
    if (error.code === 'no-valid-host') return text(403, `Token [${grant.id}-${name}] didn't get any port. All ssh servers are busy.`);
    if (error.code === 'quota-exceeded') return text(403, `Token [${grant.id}-${name}] didn't get any port. Quota limit reached.`);
    throw error;
  }
}

async function remove(ground: ApiGround, grant: StoredGrant, name: string, port: number): Promise<ApiAnswer> {
  const service = grant.services.find((one) => one.name === name && one.port === port);
  if (!service?.byMachine) return text(405, 'Token can not delete this port');
  await removeService(ground.desk, grant.id, name);
  return text(200, 'OK');
}

/** The host key as the original gives it: base64 of an X.509 SubjectPublicKeyInfo. */
export function publicKeyOf(hostKey: string): string {
  const blob = Buffer.from(hostKey.split(' ')[1] ?? '', 'base64');
  // An ed25519 key is the last 32 bytes of its SSH form (RFC 8709 §4).
  const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: blob.subarray(-32).toString('base64url') } });
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}
