import type { GivenService, TunnelEndpoint } from '@fogbow/queues';
import { orderOfGrant, serviceAddress } from '@fogbow/queues';
import { FogbowError } from '@fogbow/plugin-contracts';
import { addService, removeService } from '../grants/change-services.js';
import type { ServiceLimits, ServiceWish } from '../grants/change-services.js';
import type { GrantDesk } from '../grants/make-grant.js';
import type { StoredGrant } from '../grants/stored-grant.js';
import type { RefusalReason } from '../sessions/refusal-reason.js';
import { json } from './api-answer.js';
import type { ApiAnswer, ApiRequest } from './api-answer.js';
import { authenticateGrant } from './authenticate-grant.js';
import type { Caller } from './authenticate-grant.js';
import { OPEN_API } from './open-api.js';

export interface ApiGround {
  readonly desk: GrantDesk;
  readonly endpoint: TunnelEndpoint;
  readonly limits: ServiceLimits;
  /** Counts what was refused. */
  readonly refuse: (reason: RefusalReason) => void;
}

/** The JSON API of machines; undefined for a path that is not its. Throws errors of the catalogue. */
export async function answerGrants(ground: ApiGround, request: ApiRequest): Promise<ApiAnswer | undefined> {
  const { method, path } = request;
  if (path === '/v1/openapi.json') return only(method, ['GET'], () => json(200, OPEN_API));
  if (path !== SELF && path !== SERVICES && !path.startsWith(`${SERVICES}/`)) return undefined;
  const grant = grantOf(ground, authenticateGrant(ground.desk.store, request.authorization), 'The bearer token must be the id of a grant, a dot and its secret.');
  if (path === SELF) return only(method, ['GET'], () => json(200, viewGrant(ground, grant)));
  if (path === SERVICES) return only(method, ['POST'], () => add(ground, grant, request.body));
  return only(method, ['DELETE'], async () => json(200, viewService(ground, grant, await removeService(ground.desk, grant.id, path.slice(SERVICES.length + 1)))));
}

/** The grant of a caller; a stranger is counted, and hears no reason. */
export function grantOf({ refuse }: Pick<ApiGround, 'refuse'>, caller: Caller, advice: string): StoredGrant {
  if ('grant' in caller) return caller.grant;
  refuse(caller.refused);
  throw new FogbowError('unauthenticated', advice);
}

const SELF = '/v1/grants/self';
const SERVICES = `${SELF}/services`;

function only(method: string, offered: readonly string[], answer: () => ApiAnswer | Promise<ApiAnswer>): ApiAnswer | Promise<ApiAnswer> {
  if (!offered.includes(method)) throw new FogbowError('method-not-allowed', `This resource offers ${offered.join(', ')}.`);
  return answer();
}

async function add(ground: ApiGround, grant: StoredGrant, body: string | undefined): Promise<ApiAnswer> {
  const wish = readWish(body);
  const isKnown = grant.services.some(({ name }) => name === wish.name);
  return json(isKnown ? 200 : 201, viewService(ground, grant, await addService(ground.desk, grant.id, wish, ground.limits)));
}

function readWish(body: string | undefined): ServiceWish {
  if (body === undefined) throw new FogbowError('body-too-large', 'The body is larger than the limit.');
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    throw new FogbowError('bad-syntax', 'The body is no JSON.');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new FogbowError('bad-syntax', 'The body is no JSON object.');
  const { name, kind = 'tcp', ...others } = given as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string') throw new FogbowError('unsupported-attribute', 'name must be a text.');
  if (kind !== 'tcp' && kind !== 'http') throw new FogbowError('unsupported-attribute', 'kind must be tcp or http.');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new FogbowError('unsupported-attribute', 'There are only name and kind.');
  return { name, kind };
}

const viewGrant = (ground: ApiGround, grant: StoredGrant): Record<string, unknown> => ({
  id: grant.id,
  publicHost: ground.endpoint.publicHost,
  mostAdded: ground.limits.mostAdded,
  services: grant.services.map((service) => viewService(ground, grant, service)),
});

function viewService({ endpoint }: ApiGround, grant: StoredGrant, service: GivenService): Record<string, unknown> {
  const { name, port, kind = 'tcp', byMachine = false } = service;
  const address = serviceAddress(endpoint, orderOfGrant(grant.id), service);
  return { name, kind, port, address: address?.url ?? `${address?.host ?? endpoint.publicHost}:${address?.port ?? port}`, byMachine };
}
