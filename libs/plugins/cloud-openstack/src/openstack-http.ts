import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import axios, { isAxiosError } from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall } from '@fogbow/plugin-contracts';
import { errorOf, Silence } from './openstack-errors.js';
import { planRetry } from './plan-retry.js';
import { sendFile } from './send-file.js';
import { endpointsOf } from './service-catalogue.js';
import type { EndpointChoice, Endpoints, Service, TokenBody } from './service-catalogue.js';

/** The one door to OpenStack: token, retries, paging, errors. Every call ends when its signal aborts. */
export interface OpenStackHttp {
  /** The JSON of a success; `undefined` where there is no body. Errors are of the catalogue: not-found for 404, conflict for 409. */
  ask<Answer>(service: Service, request: Ask, call: CloudCall): Promise<Answer>;
  /** All items under `key`, through every page. */
  list<Item>(service: Service, request: ListAsk, call: CloudCall): Promise<Item[]>;
  /** Sends a file in the place of JSON, once only; it ends when it is taken, its connection stands still, or the signal aborts. */
  sendFile(service: Service, request: FileAsk, call: CloudCall): Promise<void>;
  /** The project that the token is for. */
  projectOf(call: CloudCall): Promise<string>;
  /** A new token; what Keystone tells with it is remembered. */
  authenticate(auth: unknown, signal: AbortSignal): Promise<{ readonly value: string; readonly body: TokenBody }>;
  close(): void;
}

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the endpoint, beginning with a slash. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FileAsk {
  readonly path: string;
  /** Of this host. */
  readonly file: string;
  onBytes(sent: number, total: number): void;
}

export interface ListAsk {
  readonly path: string;
  /** Name of the array in the answer; `<key>_links` leads to the next page (Glance: `next`). */
  readonly key: string;
  readonly query?: Query;
}

export type Query = Readonly<Record<string, string | readonly string[]>>;

export interface OpenStackHttpOptions {
  /** Address of Keystone with `/v3`. */
  readonly authUrl: string;
  readonly endpoints: EndpointChoice;
  /** Longest wait for one answer. */
  readonly timeoutMs: number;
  /** Sent with every request to Nova. */
  readonly microversion: string;
  now(): Date;
}

/** The services take ids of callers in this form alone, hand them on to each other, and write them beside their own. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function originOf({ requestId }: CloudCall): Record<string, string> {
  if (requestId === undefined) return {};
  return { 'X-Request-Id': requestId, ...(UUID.test(requestId) ? { 'X-OpenStack-Request-ID': `req-${requestId}` } : {}) };
}

/** Tokens whose catalogue is kept: one account has few at a time. */
const MOST_TOKENS = 100;

export function createOpenStackHttp({ authUrl, endpoints, timeoutMs, microversion, now }: OpenStackHttpOptions): OpenStackHttp {
  const agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };
  const http = axios.create({ ...agents, timeout: timeoutMs, maxRedirects: 0, proxy: false, validateStatus: () => true });
  const keystone = authUrl.replace(/\/+$/, '');
  const known = new Map<string, Promise<Endpoints>>();
  const send = (sent: Sent): Promise<AxiosResponse<unknown>> => sendUntilAnswered(http, sent, now);

  const remember = (token: string, found: Promise<Endpoints>): Promise<Endpoints> => {
    const [oldest] = known.keys();
    if (known.size >= MOST_TOKENS && oldest !== undefined) known.delete(oldest);
    known.set(token, found);
    // A failure must not stay; whoever waits for it sees it.
    found.catch(() => known.delete(token));
    return found;
  };
  const discover = async ({ token, signal }: CloudCall): Promise<Endpoints> => {
    const headers = { 'X-Auth-Token': token.value, 'X-Subject-Token': token.value };
    const answer = await send({ method: 'GET', url: `${keystone}/auth/tokens`, headers, signal, what: 'GET auth/tokens of identity' });
    // Keystone knows no subject that has ended while the same token opens the door.
    if (answer.status === 404) throw errorOf({ status: 401, body: answer.data, what: '' });
    return endpointsOf(expectSuccess<{ token: TokenBody }>(answer, 'GET auth/tokens of identity').token, endpoints);
  };
  const endpointsFor = (call: CloudCall): Promise<Endpoints> => known.get(call.token.value) ?? remember(call.token.value, discover(call));

  const ask = async <Answer>(service: Service, { method, path, query, body, headers }: Ask, call: CloudCall): Promise<Answer> => {
    const { urlOf } = await endpointsFor(call);
    const what = `${method} ${path.slice(1)} of ${service}`;
    const answer = await send({
      method, url: `${urlOf(service)}${path}${query ? `?${searchOf(query)}` : ''}`, signal: call.signal, what, data: body,
      headers: { 'X-Auth-Token': call.token.value, ...originOf(call), ...(service === 'compute' ? { 'OpenStack-API-Version': `compute ${microversion}` } : {}), ...headers },
    });
    if (answer.status === 401) known.delete(call.token.value);
    return expectSuccess<Answer>(answer, what);
  };
  return {
    ask,
    async list<Item>(service: Service, { path, key, query }: ListAsk, call: CloudCall) {
      const found: Item[] = [];
      for (let next: Query | undefined = query ?? {}; next;) {
        const page: Record<string, unknown> = await ask(service, { method: 'GET', path, query: next }, call);
        found.push(...((page[key] ?? []) as Item[]));
        next = nextOf(page, key);
      }
      return found;
    },
    sendFile: async (service, request, call) => sendOnce(http, { service, base: (await endpointsFor(call)).urlOf(service), ...request }, call),
    projectOf: async (call) => (await endpointsFor(call)).projectId,
    async authenticate(auth, signal) {
      const what = 'POST auth/tokens of identity';
      const answer = await send({ method: 'POST', url: `${keystone}/auth/tokens`, headers: {}, signal, what, data: { auth } });
      const { token: body } = expectSuccess<{ token: TokenBody }>(answer, what);
      const value = String(answer.headers['x-subject-token'] ?? '');
      if (value === '') throw new FogbowError('cloud-unavailable', 'Keystone gave no token: is authUrl the address of its API v3?');
      void remember(value, Promise.resolve().then(() => endpointsOf(body, endpoints))).catch(() => undefined);
      return { value, body };
    },
    close() {
      agents.httpAgent.destroy();
      agents.httpsAgent.destroy();
    },
  };
}

async function sendOnce(http: AxiosInstance, { service, base, path, file, onBytes }: FileAsk & { readonly service: Service; readonly base: string }, { token, signal }: CloudCall): Promise<void> {
  const what = `PUT ${path.slice(1)} of ${service}`;
  const answer = await sendFile(http, { url: `${base}${path}`, path: file, headers: { 'X-Auth-Token': token.value }, signal, onBytes })
    .catch((cause: unknown) => { throw new Silence(what, reasonOf(cause), signal.aborted); });
  expectSuccess(answer, what);
}

interface Sent {
  readonly method: Ask['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly data?: unknown;
  readonly what: string;
}

/** Sends it, and again as planRetry says, until an answer stands. Without an answer: cloud-unavailable. */
async function sendUntilAnswered(http: AxiosInstance, { what, signal, ...request }: Sent, now: () => Date): Promise<AxiosResponse<unknown>> {
  const silent = (cause: unknown): Silence => new Silence(what, reasonOf(cause), signal.aborted);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await http.request<unknown>({ ...request, signal }).then((answer) => ({ answer }), (cause: unknown) => ({ cause }));
    const answer = 'answer' in outcome ? outcome.answer : undefined;
    const retryAfter = answer?.headers['retry-after'] as string | undefined;
    const pause = signal.aborted ? undefined : planRetry({ method: request.method, attempt, retryAfter, now: now(), ...(answer ? { status: answer.status } : { timedOut: isTimeout(outcome) }) });
    if (pause === undefined) {
      if (answer) return answer;
      throw silent('cause' in outcome ? outcome.cause : undefined);
    }
    await delay(pause, undefined, { signal }).catch((cause: unknown) => { throw silent(cause); });
  }
}

const isTimeout = (outcome: object): boolean => 'cause' in outcome && isAxiosError(outcome.cause) && (outcome.cause.code === 'ECONNABORTED' || outcome.cause.code === 'ETIMEDOUT');

/** An error of axios carries the request with its token: only its words go on. */
const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function expectSuccess<Answer>({ status, data }: AxiosResponse<unknown>, what: string): Answer {
  if (status >= 200 && status < 300) return data as Answer;
  throw errorOf({ status, body: data, what });
}

function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) for (const one of typeof value === 'string' ? [value] : value) search.append(name, one);
  return search.toString();
}

/** Of a link to the next page only the query counts: behind a proxy its address may lead nowhere. */
export function nextOf(page: Readonly<Record<string, unknown>>, key: string): Query | undefined {
  const links = page[`${key}_links`] as readonly { readonly rel: string; readonly href: string }[] | undefined;
  const href = links?.find(({ rel }) => rel === 'next')?.href ?? page['next'];
  if (typeof href !== 'string') return undefined;
  const search = new URL(href, 'http://localhost').searchParams;
  return Object.fromEntries([...new Set(search.keys())].map((name) => [name, search.getAll(name)]));
}
