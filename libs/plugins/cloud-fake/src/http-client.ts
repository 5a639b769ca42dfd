import { Agent } from 'node:http';
import axios from 'axios';
import type { AxiosResponse } from 'axios';
import { ERROR_CATALOGUE, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { FakeCloudClient } from './fake-client.js';
import { instanceFromWire, quotaFromWire, TOKEN_HEADER, tokenFromWire } from './fake-wire.js';
import type { WireError, WireInstance, WireQuota, WireToken } from './fake-wire.js';

export interface HttpClient extends FakeCloudClient {
  /** Ends the kept connections. */
  close(): void;
}

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly signal: AbortSignal;
  readonly token?: string;
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
}

/** The port over HTTP. A server that does not answer, or not in the fake's own words, is cloud-unavailable. */
export function createHttpClient(url: string, options: { readonly timeoutMs: number }): HttpClient {
  const agent = new Agent({ keepAlive: true });
  const http = axios.create({
    baseURL: url, httpAgent: agent, timeout: options.timeoutMs, maxRedirects: 0, proxy: false, validateStatus: () => true,
  });
  const ask = async <Answer>({ method, path, signal, token, body, query }: Call): Promise<Answer> => {
    const response = await http.request<Answer>({
      method, url: path, signal, params: query, data: body, headers: token === undefined ? {} : { [TOKEN_HEADER]: token },
    }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', 'The fake cloud does not answer.', { cause });
    });
    if (response.status >= 400) throw errorFrom(response);
    return response.data;
  };
  const idPath = (id: string): string => `/v1/instances/${encodeURIComponent(id)}`;
  return {
    issue: async (credentials, signal) => tokenFromWire(await ask<WireToken>({ method: 'POST', path: '/v1/tokens', signal, body: credentials })),
    create: async (token, request, signal) =>
      instanceFromWire(await ask<WireInstance>({ method: 'POST', path: '/v1/instances', signal, token, body: request })),
    find: async (token, clientToken, signal) => {
      const [found] = await ask<WireInstance[]>({ method: 'GET', path: '/v1/instances', signal, token, query: { clientToken } });
      return found && instanceFromWire(found);
    },
    describe: async (token, id, signal) => {
      const { instance } = await ask<{ instance: WireInstance | null }>({ method: 'GET', path: idPath(id), signal, token });
      return instance ? instanceFromWire(instance) : undefined;
    },
    list: async (token, signal) => (await ask<WireInstance[]>({ method: 'GET', path: '/v1/instances', signal, token })).map(instanceFromWire),
    remove: (token, id, signal) => ask<void>({ method: 'DELETE', path: idPath(id), signal, token }),
    quota: async (token, signal) => quotaFromWire(await ask<WireQuota>({ method: 'GET', path: '/v1/quota', signal, token })),
    close: () => agent.destroy(),
  };
}

function errorFrom(response: AxiosResponse): FogbowError {
  const { code, message } = (response.data ?? {}) as Partial<WireError>;
  if (typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code)) return new FogbowError(code as ErrorCode, String(message));
  return new FogbowError('cloud-unavailable', `The fake cloud answered with status ${response.status}.`);
}
