import { Router } from 'express';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { UserRef } from '@fogbow/request-model';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { followOrders } from '../../events/follow-orders.js';
import type { FollowOptions } from '../../events/follow-orders.js';
import type { OrderFeed } from '../../events/order-feed.js';
import { forUser } from '../authenticate.js';
import type { Authenticate } from '../authenticate.js';
import type { TakeWebSocket } from './accept-upgrades.js';
import type { OpenStreams } from './open-streams.js';
import { openSseOutlet } from './sse-outlet.js';
import { openWebSocketOutlet } from './web-socket-outlet.js';

export const EVENTS_PATH = '/v1/events';

export interface EventOptions {
  readonly feed: OrderFeed;
  readonly streams: OpenStreams;
  readonly takeWebSocket: TakeWebSocket;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  readonly beatMs: number;
  readonly slowAfterMs: number;
}

/** Query of GET /v1/events. */
export const eventsSchema = z.strictObject({
  after: z.coerce.number().int().min(0).optional().describe('Position of the last notice that was seen; without it the stream starts from now. Last-Event-ID stands above it.'),
  orderId: z.uuid().toLowerCase().optional(),
  batch: z.uuid().toLowerCase().optional(),
});

/**
 * GET /v1/events: every move of the caller's orders, as server-sent events or, for who asks to upgrade, as a WebSocket. The token comes in
 * a header only: in an address it would end in logs.
 */
export function eventRoutes(authenticate: Authenticate, options: EventOptions): Router {
  const router = Router();
  router.get('/', forUser(authenticate, 'order.read', async (user, request, response) => {
    if (!request.accepts('text/event-stream')) throw new FogbowError('not-acceptable', 'Events come as text/event-stream or over a WebSocket.');
    const { filter, after } = wishOf(user, request);
    if (request.method === 'HEAD') return void response.type('text/event-stream').end();
    await openStream(options, request, response, { filter, after, mayGoOn: () => isStillAllowed(authenticate, user, request, response) });
  }));
  router.all('/', (_request, response, next) => {
    response.set('Allow', 'GET, HEAD');
    next(new FogbowError('method-not-allowed', `${EVENTS_PATH} can be asked with GET, HEAD.`));
  });
  return router;
}

type Wish = Pick<FollowOptions, 'filter' | 'mayGoOn'> & { readonly after: number | undefined };

/** Resolves when the stream is open; it goes on by itself. */
async function openStream(options: EventOptions, request: Request, response: Response, { filter, after, mayGoOn }: Wish): Promise<void> {
  const { feed, streams, takeWebSocket } = options;
  const leavePlace = streams.enter(filter.ownerId);
  try {
    const { position, leave } = await feed.join(after, streams.stopping);
    const start = after ?? position;
    const run = async (): Promise<void> => {
      const socket = await takeWebSocket(request, response, { 'Fogbow-Position': String(start) });
      const outlet = socket ? openWebSocketOutlet(socket) : openSseOutlet(response, start);
      await followOrders({ ...options, filter, after: start, outlet, stopping: streams.stopping, mayGoOn });
    };
    // Who went away while the stream was opened has nobody to be told.
    streams.track(run().catch(() => undefined).finally(() => { leave(); leavePlace(); }));
  } catch (error) {
    leavePlace();
    throw error;
  }
}

function wishOf(user: UserRef, request: Request): Pick<Wish, 'filter' | 'after'> {
  const lastSeen = request.get('Last-Event-ID');
  const result = eventsSchema.safeParse({ ...request.query, ...(lastSeen ? { after: lastSeen } : {}) });
  if (!result.success) throw new FogbowError('unsupported-attribute', result.error.issues.map((issue) => `${issue.path.join('.') || 'the query'}: ${issue.message}`).join('; '));
  const { after, orderId, batch } = result.data;
  return { after, filter: { ownerId: user.id, ...(orderId ? { orderId } : {}), ...(batch ? { batchId: batch } : {}) } };
}

/** Only a clear no ends a stream; an identity service that is away does not. */
async function isStillAllowed(authenticate: Authenticate, user: UserRef, request: Request, response: Response): Promise<boolean> {
  // What is said in headers comes too late here.
  const silent = Object.create(response, { set: { value: () => silent } }) as Response;
  try {
    return (await authenticate(request, silent, 'order.read')).id === user.id;
  } catch (error) {
    return !(error instanceof FogbowError && ['unauthenticated', 'forbidden'].includes(error.code));
  }
}
