import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Express, Request, Response } from 'express';
import type { EventView, OrderView } from '../api/views.js';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

/** Speaks the JSON API over real HTTP, from memory. Its token is `good`. */
export interface StandInManager {
  readonly url: string;
  readonly orders: Map<string, OrderView>;
  /** Sent to whoever follows, from the position on; each connection breaks after `breakAfter` of them. */
  readonly events: EventView[];
  breakAfter: number;
  /** False: orders like an older Manager, whatever the query says. */
  knowsDryRuns: boolean;
  /** Everything that was asked. */
  readonly seen: Seen[];
  /** Answers to GETs that have no rule of their own: path → body. */
  readonly answers: Map<string, unknown>;
  /** Sends an event to those who follow now. */
  tell(event: EventView): void;
  /** Called before each GET of one order. */
  onShow: (id: string) => void;
  close(): Promise<void>;
}

export const orderId = (index: number): string => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;

export function makeOrder(index: number, fields: Partial<OrderView> = {}): OrderView {
  return { id: orderId(index), kind: 'compute', type: 'one-time', state: 'open', createdAt: '2030-05-06T11:57:00.000Z', stateSince: '2030-05-06T11:58:00.000Z', requestingMember: 'a.example', ...fields };
}

const COLLECTIONS = ['computes', 'volumes', 'networks', 'attachments'];

export async function startStandInManager(): Promise<StandInManager> {
  const followers = new Set<Response>();
  const manager: Omit<StandInManager, 'url' | 'close'> & { onShow: (id: string) => void } = {
    orders: new Map(), events: [], breakAfter: Infinity, knowsDryRuns: true, seen: [], answers: new Map(), onShow: () => undefined,
    tell: (event) => followers.forEach((response) => response.write(messageOf(event))),
  };
  const app = express().use(express.json());
  app.use((request, response, next) => {
    manager.seen.push({ method: request.method, path: request.path, query: { ...request.query }, headers: request.headers, body: request.body as unknown });
    if (request.headers['x-auth-token'] === 'good') return next();
    problem(response, 401, 'unauthenticated', 'Unauthorized user.');
  });
  addOrders(app, manager);
  for (const collection of COLLECTIONS) addCollection(app, collection, manager);
  app.get('/v1/events', (request, response) => follow(request, response, manager, followers));
  app.get('/v1/me', (_request, response) => void response.json({ id: 'u1', name: 'alice' }));
  app.post('/v1/tokens', (request, response) => void response.status(201).json({ token: `token-of-${(request.body as { credentials: { username: string } }).credentials.username}` }));
  app.get('/-/', (_request, response) => void response.type('text/plain').send('\nCategory: order; scheme="x"; class="kind"\nCategory: small; scheme="y"; class="mixin"'));
  app.use((request, response) => {
    if (manager.answers.has(request.path)) return void response.json(manager.answers.get(request.path));
    problem(response, 404, 'not-found', `There is nothing at ${request.path}.`);
  });
  return listen(app, manager);
}

async function listen(app: Express, manager: Omit<StandInManager, 'url' | 'close'>): Promise<StandInManager> {
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(manager, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  });
}

function addOrders(app: Express, manager: Omit<StandInManager, 'url' | 'close'>): void {
  app.post('/v1/orders', (request, response) => {
    if (request.query['dryRun'] === 'true' && manager.knowsDryRuns) return void response.json({ orders: [{ decision: 'send', member: 'b.example', reason: 'home is full', placement: [{ member: 'a.example', verdict: 'full' }, { member: 'b.example', verdict: 'chosen' }] }] });
    create(manager, request, response);
  });
  app.get('/v1/orders', (request, response) => void response.json({ orders: [], ...pageOf('orders', [...manager.orders.values()], request) }));
  app.get('/v1/orders/:id', (request, response) => {
    manager.onShow(request.params.id);
    one(manager, request, response);
  });
  app.delete('/v1/orders', (_request, response) => {
    const deleted = manager.orders.size;
    manager.orders.clear();
    response.json({ deleted });
  });
  app.delete('/v1/orders/:id', (request, response) => remove(manager, request, response));
}

function addCollection(app: Express, name: string, manager: Omit<StandInManager, 'url' | 'close'>): void {
  const kind = { computes: 'compute', volumes: 'storage', networks: 'network', attachments: 'attachment' }[name];
  app.get(`/v1/${name}`, (request, response) => void response.json(pageOf(name, [...manager.orders.values()].filter((order) => order.kind === kind), request)));
  app.post(`/v1/${name}`, (request, response) => create(manager, request, response));
  app.get(`/v1/${name}/:id`, (request, response) => one(manager, request, response));
  app.delete(`/v1/${name}/:id`, (request, response) => remove(manager, request, response));
  app.post(`/v1/${name}/:id/actions`, (_request, response) => void response.status(204).end());
}

function create(manager: Omit<StandInManager, 'url' | 'close'>, request: Request, response: Response): void {
  const { count = 1, flavor, ...spec } = request.body as { count?: number; flavor?: string };
  if (flavor === 'none') return problem(response, 400, 'unsupported-attribute', 'There is no flavor none.');
  const first = manager.orders.size + 1;
  const made = Array.from({ length: count }, (_, index) => makeOrder(first + index, { ...spec, ...(flavor ? { flavor } : {}) }));
  for (const order of made) manager.orders.set(order.id, order);
  const ids = made.map(({ id }) => id);
  response.status(201).json({ ids, orders: ids.map((id) => ({ id, href: `/v1/orders/${id}` })) });
}

function one(manager: Omit<StandInManager, 'url' | 'close'>, request: Request, response: Response): void {
  const order = manager.orders.get(String(request.params['id']));
  if (order) return void response.json(order);
  problem(response, 404, 'not-found', 'Resource not found.');
}

function remove(manager: Omit<StandInManager, 'url' | 'close'>, request: Request, response: Response): void {
  if (manager.orders.delete(String(request.params['id']))) return void response.status(204).end();
  problem(response, 404, 'not-found', 'Resource not found.');
}

/** Pages of at most two, so that every list takes several. */
function pageOf(name: string, all: readonly OrderView[], request: Request): Record<string, unknown> {
  const from = Number(request.query['cursor'] ?? 0);
  const size = Math.min(2, Number(request.query['limit'] ?? 2));
  return { [name]: all.slice(from, from + size), ...(from + size < all.length ? { next: String(from + size) } : {}) };
}

const messageOf = (event: EventView): string => `id: ${event.position}\nevent: order\ndata: ${JSON.stringify(event)}\n\n`;

function follow(request: Request, response: Response, manager: Omit<StandInManager, 'url' | 'close'>, followers: Set<Response>): void {
  const after = Number(request.headers['last-event-id'] ?? request.query['after'] ?? Infinity);
  response.type('text/event-stream').write(': hello\n\n');
  followers.add(response);
  response.on('close', () => followers.delete(response));
  const due = manager.events.filter(({ position }) => position > after).slice(0, manager.breakAfter);
  for (const event of due) response.write(messageOf(event));
  if (due.length === manager.breakAfter) response.end();
}

function problem(response: Response, status: number, code: string, detail: string): void {
  response.status(status).type('application/problem+json').send(JSON.stringify({ type: `urn:fogbow:error:${code}`, title: code, status, code, detail, requestId: 'r-1' }));
}
