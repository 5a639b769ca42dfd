import express from 'express';
import type { Express, Router } from 'express';
import { FogbowError } from '@fogbow/plugin-contracts';
import { systemClock } from '@fogbow/service-runtime';
import type { Logger, Tracing } from '@fogbow/service-runtime';
import type { ListMembers } from '../members/list-members.js';
import type { Authenticate } from './authenticate.js';
import { EVENTS_PATH, eventRoutes } from './events/event-routes.js';
import type { EventOptions } from './events/event-routes.js';
import type { Endpoint } from './json/endpoint.js';
import { mountEndpoints } from './json/mount-endpoints.js';
import { problemHandler } from './json/problem.js';
import type { OcciOptions } from './occi/occi-options.js';
import { occiRoutes } from './occi/occi-routes.js';
import { BOARD_PATH } from './operator/board-path.js';
import type { OrderUseCases } from './order-use-cases.js';
import { followRequests } from './request-id.js';

export interface AppOptions {
  readonly authenticate: Authenticate;
  readonly orders: OrderUseCases;
  readonly members: ListMembers;
  readonly json: readonly Endpoint[];
  readonly events: EventOptions;
  readonly health: Router;
  readonly occi: OcciOptions;
  /** What operators see of the queues. Absent: it is not asked for. */
  readonly board?: Router | undefined;
  readonly log: Logger;
  readonly tracing: Tracing;
}

/** The Manager's HTTP face: two renderings over one set of use cases. */
export function createApp(options: AppOptions): Express {
  const app = express();
  app.use(followRequests({ log: options.log, tracing: options.tracing, clock: systemClock }));
  app.use(mountEndpoints(options.json, options.authenticate));
  app.use(EVENTS_PATH, eventRoutes(options.authenticate, options.events));
  if (options.board) app.use(BOARD_PATH, options.board);
  app.use(occiRoutes(options.occi));
  app.use(options.health);
  app.use((request, _response, next) => next(new FogbowError('not-found', `There is nothing at ${request.path}.`)));
  app.use(problemHandler(options.log));
  return app;
}
