import type { IncomingMessage, ServerResponse } from 'node:http';
import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';
import { siteOf } from '@fogbow/service-runtime';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { createAddressBudget } from '../web/address-budget.js';
import { problem } from './api-answer.js';
import type { ApiAnswer } from './api-answer.js';
import { answerToken } from './answer-token.js';
import { answerGrants } from './grant-desk-api.js';
import type { ApiGround } from './grant-desk-api.js';

export interface MachineApiOptions extends ApiGround {
  readonly perMinute: number;
  readonly clock: Clock;
  readonly log: Logger;
}

const BODY_BYTES = 4096;
const BODY_MS = 10_000;
/** A request without a valid secret costs as much as so many others. */
const STRANGER_COST = 10;

/** The HTTP API of machines on the web port: JSON under /v1, else that of the original. Never throws. */
export function createMachineApi(options: MachineApiOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const budget = createAddressBudget({ perMinute: options.perMinute, clock: options.clock });
  return (request, response) => {
    const site = siteOf(request.socket.remoteAddress);
    if (!budget.take(site)) {
      options.refuse('api-rate');
      return send(response, problem(new FogbowError('too-many-requests', 'This address asks too often.'), { 'Retry-After': '10', Connection: 'close' }));
    }
    void answer(options, request).then((given) => {
      if (given.status === 401) budget.take(site, STRANGER_COST - 1);
      send(response, given);
    });
  };
}

async function answer(options: MachineApiOptions, request: IncomingMessage): Promise<ApiAnswer> {
  try {
    const asked = {
      method: request.method ?? '', path: (request.url ?? '').split('?', 1)[0] ?? '', authorization: request.headers.authorization, body: await readBody(request),
    };
    return await answerGrants(options, asked) ?? await answerToken(options, asked);
  } catch (error) {
    if (!isFogbowError(error)) options.log.error('a request to the API failed', { error });
    return problem(error, isFogbowError(error) && error.code === 'unauthenticated' ? { 'WWW-Authenticate': 'Bearer' } : {});
  }
}

/** Undefined when it is too large, or does not end in time; what follows is not read then. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  const impatience = setTimeout(() => request.destroy(), BODY_MS);
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return undefined;
  } finally {
    clearTimeout(impatience);
  }
}

function send(response: ServerResponse, { status, type, body, headers }: ApiAnswer): void {
  if (response.destroyed) return;
  // A body that was not read to its end must not be taken for the next request.
  const rest = response.req.readableEnded ? {} : { Connection: 'close' };
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...rest, ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
