import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import axios from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { CliError, EXIT } from '../cli-error.js';
import { notAManager, refusal, unreachable } from './explain-failure.js';

export interface HttpConnectionOptions {
  readonly url: string;
  readonly token?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Longer than usual, for calls that the server holds on purpose. */
  readonly timeoutMs?: number;
}

/** One Manager over HTTP. Every method rejects with a {@link CliError} that says what to do. */
export interface HttpConnection {
  readonly url: string;
  /** A JSON answer; undefined for one without a body. */
  json<Answer>(request: ApiRequest): Promise<Answer>;
  /** A text answer as it came. */
  text(request: ApiRequest): Promise<string>;
  /** The body while it comes; ends with the signal. Waits for the head no longer than the usual timeout. */
  stream(request: ApiRequest, signal: AbortSignal): Promise<Readable>;
}

const LARGEST_ANSWER = 64 * 1024 * 1024;

export function createHttpConnection(options: HttpConnectionOptions): HttpConnection {
  const { url } = options;
  const client = axios.create({
    baseURL: url, timeout: options.timeoutMs, maxRedirects: 0, proxy: false, maxContentLength: LARGEST_ANSWER,
    httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }),
    headers: { 'User-Agent': 'fogbow-cli', ...(options.token ? { 'X-Auth-Token': options.token } : {}) },
    responseType: 'text', transformResponse: (body: unknown) => body, validateStatus: () => true,
  });
  const call = async <Body>(request: ApiRequest, extra: AxiosRequestConfig): Promise<AxiosResponse<Body>> => {
    try {
      return await client.request<Body>(configOf(request, { signal: options.signal, ...extra }));
    } catch (error) {
      throw transportFailure(url, error, options.signal);
    }
  };
  return {
    url,
    async json<Answer>(request: ApiRequest) {
      const answer = await call<string>(request, { headers: { Accept: 'application/json, application/problem+json' } });
      const body = parseJson(answer.data);
      if (!isSuccess(answer)) throw refusal(url, answer.status, body ?? answer.data);
      if (body === undefined && answer.data !== '') throw notAManager(url);
      return body as Answer;
    },
    async text(request) {
      const answer = await call<string>(request, {});
      if (!isSuccess(answer)) throw refusal(url, answer.status, parseJson(answer.data) ?? answer.data);
      return answer.data;
    },
    async stream(request, signal) {
      const answer = await call<Readable>(request, { responseType: 'stream', signal, maxContentLength: Infinity });
      answer.data.on('error', () => undefined);
      if (isSuccess(answer)) return answer.data;
      const text = await readSome(answer.data);
      throw refusal(url, answer.status, parseJson(text) ?? text);
    },
  };
}

function configOf({ method = 'GET', path, query, headers, body, timeoutMs }: ApiRequest, extra: AxiosRequestConfig): AxiosRequestConfig {
  const content = body === undefined ? {} : { 'Content-Type': 'application/json' };
  return {
    ...extra, method, url: path, params: query,
    headers: { ...(extra.headers as Record<string, string> | undefined), ...content, ...headers },
    ...(body === undefined ? {} : { data: JSON.stringify(body) }), ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  };
}

const isSuccess = ({ status }: AxiosResponse): boolean => status >= 200 && status < 300;

function transportFailure(url: string, error: unknown, signal: AbortSignal): CliError {
  if (signal.aborted) return new CliError('Interrupted.', EXIT.interrupted);
  return unreachable(url, (error as { code?: string }).code, error);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const ERROR_BODY_LIMIT = 100_000;

async function readSome(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > ERROR_BODY_LIMIT) break;
  }
  return text;
}
