import { Agent } from 'node:http';
import axios from 'axios';
import type { AxiosResponse } from 'axios';
import { ERROR_CATALOGUE, FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode, Image } from '@fogbow/plugin-contracts';
import type { FakeCloudClient, FakeResourceClient } from './fake-client.js';
import { fromWire, quotaFromWire, TOKEN_HEADER, tokenFromWire } from './fake-wire.js';
import type { OnWire, WireError, WireQuota, WireToken } from './fake-wire.js';

export interface HttpClient extends FakeCloudClient {
  /** Ends the kept connections. */
  close(): void;
}

type Ask = <Answer>(call: Call) => Promise<Answer>;

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
  const ask: Ask = async <Answer>({ method, path, signal, token, body, query }: Call) => {
    const response = await http.request<Answer>({
      method, url: path, signal, params: query, data: body, headers: token === undefined ? {} : { [TOKEN_HEADER]: token },
    }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', 'The fake cloud does not answer.', { cause });
    });
    if (response.status >= 400) throw errorFrom(response);
    return response.data;
  };
  return {
    issue: async (credentials, signal) => tokenFromWire(await ask<WireToken>({ method: 'POST', path: '/v1/tokens', signal, body: credentials })),
    quota: async (token, signal) => quotaFromWire(await ask<WireQuota>({ method: 'GET', path: '/v1/quota', signal, token })),
    power: (token, id, action, signal) => ask<void>({ method: 'POST', path: `/v1/instances/${encodeURIComponent(id)}/power`, signal, token, body: { action } }),
    images: (token, signal) => ask<Image[]>({ method: 'GET', path: '/v1/images', signal, token }),
    instances: resourceClient(ask, '/v1/instances'),
    volumes: resourceClient(ask, '/v1/volumes'),
    networks: resourceClient(ask, '/v1/networks'),
    attachments: resourceClient(ask, '/v1/attachments'),
    close: () => agent.destroy(),
  };
}

function resourceClient<Request, View extends { readonly createdAt?: Date }>(ask: Ask, path: string): FakeResourceClient<Request, View> {
  const idPath = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    create: async (token, request, signal) => fromWire(await ask<OnWire<View>>({ method: 'POST', path, signal, token, body: request })),
    find: async (token, clientToken, signal) => {
      const [found] = await ask<OnWire<View>[]>({ method: 'GET', path, signal, token, query: { clientToken } });
      return found && fromWire(found);
    },
    describe: async (token, id, signal) => {
      const { found } = await ask<{ found: OnWire<View> | null }>({ method: 'GET', path: idPath(id), signal, token });
      return found ? fromWire(found) : undefined;
    },
    list: async (token, signal) => (await ask<OnWire<View>[]>({ method: 'GET', path, signal, token })).map((found) => fromWire(found)),
    remove: (token, id, signal) => ask<void>({ method: 'DELETE', path: idPath(id), signal, token }),
  };
}

function errorFrom(response: AxiosResponse): FogbowError {
  const { code, message } = (response.data ?? {}) as Partial<WireError>;
  if (typeof code === 'string' && Object.hasOwn(ERROR_CATALOGUE, code)) return new FogbowError(code as ErrorCode, String(message));
  return new FogbowError('cloud-unavailable', `The fake cloud answered with status ${response.status}.`);
}
