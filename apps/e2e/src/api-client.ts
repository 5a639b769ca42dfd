import http from 'node:http';
import https from 'node:https';
import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';
import type { FederationMember } from './federation-file.js';

export type OrderKind = 'compute' | 'storage' | 'network' | 'attachment';

/** An order as GET /v1/orders/ID shows it; the list shows it without its history. */
export interface OrderView {
  readonly id: string;
  readonly batchId: string;
  readonly kind: OrderKind;
  readonly type: 'one-time' | 'persistent';
  readonly state: 'open' | 'pending' | 'spawning' | 'fulfilled' | 'deleted' | 'closed' | 'failed';
  readonly reason?: string;
  readonly failure?: string;
  readonly requestingMember: string;
  readonly providingMember?: string;
  /** `<id in the cloud>@<member>`. */
  readonly instanceId?: string;
  readonly ssh?: { readonly host: string; readonly port: number; readonly username: string };
  readonly flavor?: string;
  readonly placement?: readonly { readonly member: string; readonly verdict: string }[];
  readonly history?: readonly { readonly at: string; readonly from?: string; readonly to: string; readonly event: string; readonly reason?: string; readonly provider?: string; readonly incarnation: number }[];
}

export interface NewOrder {
  readonly kind?: OrderKind;
  readonly count?: number;
  readonly type?: 'one-time' | 'persistent';
  readonly title?: string;
  readonly flavor?: string;
  readonly image?: string;
  readonly requirements?: string;
  readonly publicKey?: string;
  readonly userData?: readonly { readonly content: string; readonly contentType: string }[];
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly networkOrderIds?: readonly string[];
  readonly sizeGb?: number;
  readonly network?: { readonly cidr: string; readonly gateway?: string };
  readonly attachment?: { readonly computeOrderId: string; readonly volumeOrderId: string; readonly device?: string };
}

/** The Manager of one member as one of its users sees it. Answers other than 2xx reject with an {@link AnswerError}, but those of `raw`. */
export interface ApiClient {
  /** Ids in the order of the batch. */
  submit(order: NewOrder, idempotencyKey?: string): Promise<string[]>;
  /** All of them, through every page. */
  list(query?: Readonly<Record<string, string>>): Promise<OrderView[]>;
  /** Undefined when there is no such order. */
  show(id: string): Promise<OrderView | undefined>;
  remove(id: string): Promise<void>;
  removeAll(): Promise<void>;
  members(): Promise<{ readonly id: string }[]>;
  /** Any request, any status: for OCCI and for refusals. */
  raw(method: string, path: string, options?: { readonly headers?: Record<string, string | string[]>; readonly body?: unknown }): Promise<AxiosResponse<unknown>>;
}

/** An answer other than 2xx. */
export class AnswerError extends Error {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const TIMEOUT_MS = 15_000;

/** `ca`: certificates in PEM that vouch for an API by HTTPS. */
export function createApiClient(member: Pick<FederationMember, 'managerUrl' | 'users'>, token = member.users[0]?.token ?? '', ca?: string): ApiClient {
  const client = axios.create({
    baseURL: member.managerUrl, timeout: TIMEOUT_MS, headers: { 'X-Auth-Token': token }, proxy: false,
    // A kept connection to a Manager that was killed meanwhile would fail the next call.
    httpAgent: new http.Agent({ keepAlive: false }), httpsAgent: new https.Agent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) }), transformRequest: [(body: unknown) => body], validateStatus: () => true,
  });
  return {
    submit: async (order, key) => (await json<{ ids: string[] }>(client, 'POST', '/v1/orders', order, key ? { 'Idempotency-Key': key } : {})).ids,
    list: (query = {}) => listAll(client, query),
    async show(id) {
      const answer = await client.request<OrderView>({ url: `/v1/orders/${id}` });
      return answer.status === 404 ? undefined : expectSuccess(answer).data;
    },
    remove: async (id) => void await json(client, 'DELETE', `/v1/orders/${id}`),
    removeAll: async () => void await json(client, 'DELETE', '/v1/orders'),
    members: async () => (await json<{ members: { id: string }[] }>(client, 'GET', '/v1/members')).members,
    raw: (method, url, { headers, body } = {}) => client.request({ method, url, ...(headers ? { headers } : {}), ...(body === undefined ? {} : { data: body }) }),
  };
}

async function listAll(client: AxiosInstance, query: Readonly<Record<string, string>>): Promise<OrderView[]> {
  const found: OrderView[] = [];
  for (let cursor: string | undefined; ;) {
    const search = new URLSearchParams({ limit: '500', ...query, ...(cursor ? { cursor } : {}) });
    const page = await json<{ orders: OrderView[]; next?: string }>(client, 'GET', `/v1/orders?${search}`);
    found.push(...page.orders);
    if (!(cursor = page.next)) return found;
  }
}

async function json<Answer>(client: AxiosInstance, method: string, url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const data = body === undefined ? {} : { data: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } };
  return expectSuccess(await client.request<Answer>({ method, url, ...data })).data;
}

function expectSuccess<Answer>(answer: AxiosResponse<Answer>): AxiosResponse<Answer> {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new AnswerError(`${answer.config.method?.toUpperCase()} ${answer.config.url} was answered ${answer.status}: ${JSON.stringify(answer.data)}`, answer.status);
}
