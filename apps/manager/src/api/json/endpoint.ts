import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { UserRef } from '@fogbow/request-model';
import type { Action } from '@fogbow/plugin-contracts';
import type { Authenticate } from '../authenticate.js';
import type { EndpointDescription } from './endpoint-description.js';
import { openCall } from './read-request.js';
import type { OpenCall } from './read-request.js';
import { sendReply } from './reply.js';
import type { Reply } from './reply.js';

export interface Call<Query, Body> extends OpenCall<Query, Body> {
  readonly user: UserRef;
}

/** A description with what answers it. */
export interface Endpoint extends EndpointDescription {
  readonly run: (request: Request, response: Response, authenticate: Authenticate) => Promise<void>;
}

export interface UserEndpoint<Q extends z.ZodType, B extends z.ZodType> extends EndpointDescription<Q, B> {
  readonly action: Action;
  readonly handle: (call: Call<z.output<Q>, z.output<B>>) => Promise<Reply>;
}

/** An endpoint for authenticated users: authenticate → check query and body → one use case → render. */
export function endpoint<Q extends z.ZodType, B extends z.ZodType>({ action, handle, ...description }: UserEndpoint<Q, B>): Endpoint {
  return {
    ...description,
    run: async (request, response, authenticate) => {
      const user = await authenticate(request, response, action);
      sendReply(response, await handle(Object.assign(await openCall(description, request, response), { user })));
    },
  };
}

export interface PublicEndpoint<Q extends z.ZodType, B extends z.ZodType> extends EndpointDescription<Q, B> {
  readonly handle: (call: OpenCall<z.output<Q>, z.output<B>>) => Promise<Reply>;
}

/** An endpoint for anybody. */
export function publicEndpoint<Q extends z.ZodType, B extends z.ZodType>({ handle, ...description }: PublicEndpoint<Q, B>): Endpoint {
  return { ...description, isPublic: true, run: async (request, response) => sendReply(response, await handle(await openCall(description, request, response))) };
}
