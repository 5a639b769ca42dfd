import { followEvents } from './follow-events.js';
import type { HttpConnection } from './http-connection.js';
import { listAll } from './list-all.js';
import type {
  AccountingView, Created, DryRun, EventView, FlavorView, ImageView, MemberView, NewOrder, OrderView, QuotaView, ResourceView, TokenView, UsageView, UserView,
} from './views.js';

export const COLLECTIONS = ['computes', 'volumes', 'networks', 'attachments'] as const;
export type Collection = (typeof COLLECTIONS)[number];

export interface CreateOptions {
  /** Repeating a create with the same key makes nothing new. */
  readonly idempotencyKey: string;
  /** Seconds that the server may hold the answer until the orders are settled. */
  readonly waitSeconds?: number;
}

export interface ListQuery {
  readonly state?: string;
  readonly batch?: string;
  readonly kind?: string;
  readonly type?: string;
  readonly provider?: string;
  readonly sort?: string;
  readonly fields?: string;
}

export interface OrdersClient {
  create(order: NewOrder, options: CreateOptions): Promise<Created>;
  dryRun(order: NewOrder): Promise<DryRun>;
  /** All of them through every page, or the first `most`. */
  list(query?: ListQuery, most?: number): Promise<OrderView[]>;
  show(id: string): Promise<OrderView>;
  remove(id: string): Promise<void>;
  /** Resolves to how many, where the server tells. */
  removeAll(): Promise<number | undefined>;
}

export interface ResourcesClient {
  create(order: NewOrder, options: CreateOptions): Promise<Created>;
  list(most?: number): Promise<ResourceView[]>;
  show(orderId: string): Promise<ResourceView>;
  remove(orderId: string): Promise<void>;
}

export interface FederationClient {
  members(): Promise<MemberView[]>;
  quota(member: string): Promise<QuotaView>;
  usage(member: string): Promise<UsageView>;
  flavors(): Promise<FlavorView[]>;
  images(): Promise<ImageView[]>;
  accounting(): Promise<AccountingView[]>;
}

/** The JSON API of one Manager, as one of its users sees it. */
export interface ManagerClient {
  readonly url: string;
  readonly orders: OrdersClient;
  readonly federation: FederationClient;
  resources(collection: Collection): ResourcesClient;
  /** Start, stop, restart or suspend of a compute. */
  act(orderId: string, action: string): Promise<void>;
  me(): Promise<UserView>;
  createToken(credentials: Readonly<Record<string, string>>, type?: string): Promise<TokenView>;
  /** The OCCI query interface as text. */
  queryInterface(): Promise<string>;
  events(options: { readonly after?: number; readonly signal: AbortSignal; readonly onBreak?: (reason: string) => void }): AsyncGenerator<EventView, void>;
}

export function createManagerClient(http: HttpConnection): ManagerClient {
  return {
    url: http.url,
    orders: ordersClient(http),
    federation: federationClient(http),
    resources: (collection) => resourcesClient(http, collection),
    act: (orderId, action) => http.json({ method: 'POST', path: `/v1/computes/${segment(orderId)}/actions`, body: { action } }),
    me: () => http.json({ path: '/v1/me' }),
    createToken: (credentials, type) => http.json({ method: 'POST', path: '/v1/tokens', body: { credentials, ...(type ? { type } : {}) } }),
    queryInterface: () => http.text({ path: '/-/', headers: { Accept: 'text/plain' } }),
    events: (options) => followEvents({
      ...options,
      connect: (after, signal) => http.stream({
        path: '/v1/events',
        ...(after === undefined ? {} : { query: { after: String(after) } }),
        headers: { Accept: 'text/event-stream', ...(after === undefined ? {} : { 'Last-Event-ID': String(after) }) },
      }, signal),
    }),
  };
}

function ordersClient(http: HttpConnection): OrdersClient {
  return {
    create: (order, options) => create(http, '/v1/orders', order, options),
    dryRun: (order) => http.json({ method: 'POST', path: '/v1/orders', query: { dryRun: 'true' }, body: order }),
    list: (query = {}, most) => listAll<OrderView>(http, 'orders', { ...query }, most),
    show: (id) => http.json({ path: `/v1/orders/${segment(id)}` }),
    remove: (id) => http.json({ method: 'DELETE', path: `/v1/orders/${segment(id)}` }),
    removeAll: async () => (await http.json<{ deleted?: number } | undefined>({ method: 'DELETE', path: '/v1/orders' }))?.deleted,
  };
}

function resourcesClient(http: HttpConnection, collection: Collection): ResourcesClient {
  const path = `/v1/${collection}`;
  return {
    create: (order, options) => create(http, path, order, options),
    list: (most) => listAll<ResourceView>(http, collection, {}, most),
    show: (orderId) => http.json({ path: `${path}/${segment(orderId)}` }),
    remove: (orderId) => http.json({ method: 'DELETE', path: `${path}/${segment(orderId)}` }),
  };
}

function federationClient(http: HttpConnection): FederationClient {
  return {
    members: () => listAll<MemberView>(http, 'members'),
    quota: (member) => http.json({ path: `/v1/members/${segment(member)}/quota` }),
    usage: (member) => http.json({ path: `/v1/members/${segment(member)}/usage` }),
    flavors: () => listAll<FlavorView>(http, 'flavors'),
    images: () => listAll<ImageView>(http, 'images'),
    accounting: () => listAll<AccountingView>(http, 'accounting'),
  };
}

const HELD_MARGIN_MS = 15_000;

function create(http: HttpConnection, path: string, order: NewOrder, { idempotencyKey, waitSeconds }: CreateOptions): Promise<Created> {
  const held = waitSeconds === undefined ? {} : { timeoutMs: waitSeconds * 1000 + HELD_MARGIN_MS };
  const prefer = waitSeconds === undefined ? {} : { Prefer: `wait=${Math.ceil(waitSeconds)}` };
  return http.json({ method: 'POST', path, body: order, headers: { 'Idempotency-Key': idempotencyKey, ...prefer }, ...held });
}

const segment = (text: string): string => encodeURIComponent(text);
