import type { Server } from 'node:http';
import type { Express } from 'express';
import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import type { Clock, Logger, Part } from '@fogbow/service-runtime';
import { listenForMoves } from '../../events/listen-for-moves.js';
import { createOrderFeed } from '../../events/order-feed.js';
import { createUpgrades } from './accept-upgrades.js';
import { EVENTS_PATH } from './event-routes.js';
import type { EventOptions } from './event-routes.js';
import { createOpenStreams } from './open-streams.js';

export interface EventStreamsOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly databaseUrl: string;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  /** Aborts when the process drains. */
  readonly drain: AbortSignal;
  readonly values: { readonly streamsPerUser: number; readonly eventHeartbeatMs: number; readonly eventSlowAfterMs: number };
}

export interface EventStreams {
  readonly options: EventOptions;
  /** Makes WebSockets of the server pass through its application. */
  acceptUpgrades(server: Server, app: Express): void;
  /** The feed and its ears; to be stopped after the streams. */
  readonly feed: Part;
  /** To be stopped before the server, which waits for the end of what it answers. */
  readonly streams: Part;
}

/** The feed of one process, woken by the database, and its streams on top. */
export function createEventStreams({ self, database, databaseUrl, clock, log, drain, values }: EventStreamsOptions): EventStreams {
  const feed = createOrderFeed({ self, database, clock, log });
  const ears = listenForMoves({ databaseUrl, clock, log, onMoves: () => feed.wake() });
  const upgrades = createUpgrades(EVENTS_PATH);
  const streams = createOpenStreams(values.streamsPerUser, drain);
  return {
    options: { feed, streams, takeWebSocket: upgrades.take, clock, log, beatMs: values.eventHeartbeatMs, slowAfterMs: values.eventSlowAfterMs },
    acceptUpgrades: (server, app) => upgrades.listenOn(server, app),
    feed: { name: 'order feed', stop: async () => void await Promise.all([ears.stop(), feed.stop()]) },
    streams: streams.part,
  };
}
