import http from 'node:http';
import type { Agent, ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';
import { isFogbowError } from '@fogbow/plugin-contracts';
import { errorPage, SAYS } from './error-page.js';
import { toMachine, toUser } from './forward-headers.js';
import type { Client } from './forward-headers.js';

export interface ProxyTo {
  readonly agent: Agent;
  /** Port of the service in this tunnel. */
  readonly port: number;
  readonly client: Client;
  /** Longest silence, ms. */
  readonly idleMs: number;
}

/** Methods that may be sent again when a kept connection turns out to be closed (RFC 9110 §9.2.2) and that have no body here. */
const REPEATABLE = ['GET', 'HEAD', 'OPTIONS'];

/** Hands one request to a web service and its answer back; bodies flow both ways as fast as the slower side takes them. */
export function proxyRequest(to: ProxyTo, request: IncomingMessage, response: ServerResponse): void {
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const ask = (isAgain: boolean): void => {
    const upstream = openRequest(to, request);
    let isAnswered = false;
    upstream.on('response', (answer) => {
      isAnswered = true;
      relay(answer, response, to.client.host);
    });
    upstream.on('error', (error: NodeJS.ErrnoException) => {
      const isStale = upstream.reusedSocket && error.code === 'ECONNRESET' && !isAnswered;
      if (isStale && !isAgain && !hasBody && REPEATABLE.includes(request.method ?? '') && !response.destroyed) return ask(true);
      if (isAnswered) return void response.destroy();
      answerFault(response, error);
    });
    // A user who leaves takes his request with him.
    response.once('close', () => { if (!response.writableFinished) upstream.destroy(); });
    if (hasBody) pipeline(request, upstream, () => undefined);
    else upstream.end();
  };
  ask(false);
}

/** A request to the service with the headers of another; `upgrade` names the protocol that it shall change to. */
export function openRequest({ agent, port, client, idleMs }: ProxyTo, { method, url, rawHeaders }: IncomingMessage, upgrade?: string): ClientRequest {
  const upstream = http.request({ agent, port, method, path: url, headers: toMachine(rawHeaders, client, upgrade), timeout: idleMs, setHost: false } as http.RequestOptions);
  upstream.on('timeout', () => upstream.destroy(Object.assign(new Error('silent for too long'), { code: 'ETIMEDOUT' })));
  return upstream;
}

export function relay(answer: IncomingMessage, response: ServerResponse, host: string): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, toUser(answer.rawHeaders, host));
  // Or a stream of events would wait for its first byte before its header is seen.
  response.flushHeaders();
  pipeline(answer, response, (error) => { if (error) response.destroy(); });
}

export function faultOf(error: NodeJS.ErrnoException): readonly [status: number, says: string] {
  if (isFogbowError(error)) return [503, SAYS.away];
  return error.code === 'ETIMEDOUT' ? [504, SAYS.late] : [502, SAYS.broken];
}

function answerFault(response: ServerResponse, error: NodeJS.ErrnoException): void {
  if (response.destroyed || response.headersSent) return void response.destroy();
  sendPage(response, ...faultOf(error));
}

export function sendPage(response: ServerResponse, status: number, says: string): void {
  const page = errorPage(status, says);
  // What is left of the request's body is not read.
  response.writeHead(status, {
    'Content-Type': 'text/html; charset=utf-8', 'Content-Length': Buffer.byteLength(page), 'Cache-Control': 'no-store', Connection: 'close', ...(status === 503 ? { 'Retry-After': '5' } : {}),
  });
  response.end(page);
}
