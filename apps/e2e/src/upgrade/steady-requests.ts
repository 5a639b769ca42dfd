import https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import axios from 'axios';
import type { AxiosInstance } from 'axios';

/** Users of an API who never stop, and never ask twice: what fails has failed. */
export interface SteadyRequests {
  readonly count: number;
  /** Requests without an answer, or with one that refuses; all of these may be granted. */
  readonly failures: string[];
  /** Milliseconds of the slowest answer since the last call. */
  slowest(): number;
  stop(): Promise<void>;
}

export interface RequestsOptions {
  readonly url: string;
  readonly token: string;
  readonly ca: string;
  /** Users that keep their connection, and users that connect anew each time. */
  readonly keeping: number;
  readonly connecting: number;
}

const TIMEOUT_MS = 20_000;
const BETWEEN_MS = 80;
/** Nobody serves it before, so that it costs its member nothing but the bookkeeping. */
const ORDER = JSON.stringify({ validFrom: '2099-01-01T00:00:00Z', validUntil: '2099-01-02T00:00:00Z' });

export function startRequests({ url, token, ca, keeping, connecting }: RequestsOptions): SteadyRequests {
  const state = { count: 0, failures: [] as string[], slowest: 0, stopped: false };
  const begun = performance.now();
  const ask = async (client: AxiosInstance, method: string, path: string, body?: string): Promise<unknown> => {
    const asked = performance.now();
    state.count += 1;
    try {
      const answer = await client.request<unknown>({ method, url: path, ...(body === undefined ? {} : { data: body, headers: { 'Content-Type': 'application/json' } }) });
      state.slowest = Math.max(state.slowest, performance.now() - asked);
      const made = (answer.data as { readonly ids?: readonly string[] } | undefined)?.ids?.length === 1;
      if (answer.status < 400 && (made || method !== 'POST')) return answer.data;
      throw new Error(`${answer.status} ${JSON.stringify(answer.data)}`);
    } catch (error) {
      state.failures.push(`after ${((performance.now() - begun) / 1000).toFixed(1)} s: ${method} ${path}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const use = async (keepAlive: boolean): Promise<void> => {
    const httpsAgent = new https.Agent({ keepAlive, maxSockets: 1, ca });
    const client = axios.create({ baseURL: url, timeout: TIMEOUT_MS, headers: { 'X-Auth-Token': token }, proxy: false, httpsAgent, transformRequest: [(body: unknown) => body], validateStatus: () => true });
    while (!state.stopped) {
      const made = await ask(client, 'POST', '/v1/orders', ORDER) as { ids?: string[] } | undefined;
      const [id] = made?.ids ?? [];
      for (const path of ['/v1/orders?limit=3', '/v1/members', ...(id ? [`/v1/orders/${id}`] : [])]) {
        await pause(BETWEEN_MS);
        await ask(client, 'GET', path);
      }
      if (id) await ask(client, 'DELETE', `/v1/orders/${id}`);
      await pause(BETWEEN_MS);
    }
    httpsAgent.destroy();
  };
  const users = [...Array.from({ length: keeping }, () => use(true)), ...Array.from({ length: connecting }, () => use(false))];
  return {
    get count() { return state.count; },
    failures: state.failures,
    slowest() {
      const { slowest } = state;
      state.slowest = 0;
      return slowest;
    },
    async stop() {
      state.stopped = true;
      await Promise.all(users);
    },
  };
}
