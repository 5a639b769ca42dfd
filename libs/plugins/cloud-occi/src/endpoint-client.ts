import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall } from '@fogbow/plugin-contracts';
import { errorOf } from './endpoint-errors.js';
import { JSON_TYPE } from './occi-names.js';

/** The narrow port over HTTP. */
export interface OcciEndpoint {
  /** Throws an error of the catalogue for every status from 300 on, and cloud-unavailable when no answer comes. */
  ask(request: OcciRequest): Promise<OcciAnswer>;
  /** Ends the kept connections. */
  close(): void;
}

export interface OcciRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  /** Below the address of the endpoint; ids in it are encoded. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly token?: string;
  /** Of the user's request for which it is asked. */
  readonly requestId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A POST that may be sent again when it is not known what became of it; other methods always may. */
  readonly isRepeatable?: boolean;
  readonly body?: unknown;
}

/** In whose name the endpoint is asked. */
export const inNameOf = ({ token, signal, requestId }: CloudCall): Pick<OcciRequest, 'token' | 'signal' | 'requestId'> =>
  ({ token: token.value, signal, ...(requestId === undefined ? {} : { requestId }) });

export interface OcciAnswer {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface EndpointOptions {
  readonly url: string;
  readonly timeoutMs: number;
  /** Certificates in PEM that are trusted in place of the usual ones. */
  readonly ca?: string;
}

const MOST_BYTES = 64 * 1024 * 1024;

export function createEndpoint({ url, timeoutMs, ca }: EndpointOptions): OcciEndpoint {
  const agents = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true, ...(ca ? { ca } : {}) }) };
  const http = axios.create({
    ...agents, baseURL: url.replace(/\/$/, ''), timeout: timeoutMs, maxRedirects: 0, proxy: false, validateStatus: () => true, responseType: 'text', transformResponse: (text: string) => text,
    maxContentLength: MOST_BYTES,
  });
  return {
    ask: (request) => askUntilAnswered(http, request),
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

/** With the first one. */
const TRIES = 4;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 20_000;

/** An endpoint that is busy or just coming back is asked again, when it says or a little later each time. */
async function askUntilAnswered(http: AxiosInstance, request: OcciRequest): Promise<OcciAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await askOnce(http, request);
    if (!(answer instanceof Error) && answer.status < 300) return { text: answer.data ?? '', headers: textHeaders(answer) };
    const error = answer instanceof Error ? answer : errorOf(answer.status, answer.data ?? '');
    const pauseMs = mayRepeat(request, answer) && tries < TRIES ? pauseOf(answer, tries) : undefined;
    if (pauseMs === undefined || request.signal.aborted) throw error;
    await pause(pauseMs, undefined, { signal: request.signal }).catch(() => { throw error; });
  }
}

type Outcome = AxiosResponse<string> | FogbowError;

async function askOnce(http: AxiosInstance, { method, path, signal, token, requestId, headers, body }: OcciRequest): Promise<Outcome> {
  return await http.request<string>({
    method, url: path, signal,
    headers: { Accept: JSON_TYPE, ...(token === undefined ? {} : { 'X-Auth-Token': token }), ...(body === undefined ? {} : { 'Content-Type': JSON_TYPE }), ...(requestId === undefined ? {} : { 'X-Request-Id': requestId }), ...headers },
    ...(body === undefined ? {} : { data: JSON.stringify(body) }),
  }).catch((cause: unknown) => new FogbowError('cloud-unavailable', `The OCCI endpoint does not answer${signal.aborted ? ' in time' : `: ${codeOf(cause)}`}.`, { cause: new Error(codeOf(cause)) }));
}

/** Only the system's word: what axios throws holds the token. */
const codeOf = (cause: unknown): string => String((cause as { code?: unknown } | undefined)?.code ?? 'no connection');

function mayRepeat({ method, isRepeatable }: OcciRequest, outcome: Outcome): boolean {
  if (!(outcome instanceof Error) && outcome.status === 429) return true;
  const isUnclear = outcome instanceof Error || outcome.status >= 500;
  return isUnclear && (method !== 'POST' || isRepeatable === true);
}

/** Undefined: it wants more patience than one call has. */
function pauseOf(outcome: Outcome, tries: number): number | undefined {
  const seconds = outcome instanceof Error ? NaN : Number(outcome.headers['retry-after'] ?? NaN);
  if (Number.isNaN(seconds)) return FIRST_PAUSE_MS * 2 ** (tries - 1);
  return seconds * 1000 <= LONGEST_PAUSE_MS ? Math.max(0, seconds * 1000) : undefined;
}

const textHeaders = ({ headers }: AxiosResponse): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value]] : [])));
