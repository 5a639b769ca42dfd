import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { UserRef } from '@fogbow/request-model';
import type { Action } from '@fogbow/plugin-contracts';
import type { Authenticate } from '../authenticate.js';
import { openCall } from './read-request.js';
import type { OpenCall } from './read-request.js';
import { sendReply } from './reply.js';
import type { Reply } from './reply.js';

/** One answer that an endpoint may give. Problems (RFC 9457) need not be named: every endpoint may answer one. */
export interface Answer {
  readonly meaning: string;
  readonly body?: z.ZodType;
  /** Of the body; default application/json. */
  readonly mediaType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What OpenAPI says of an endpoint. What is checked and what is documented are the same schemas. */
export interface EndpointDescription<Query extends z.ZodType = z.ZodType, Body extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'delete';
  /** As in OpenAPI: `/v1/orders/{id}`. */
  readonly path: string;
  readonly group: string;
  readonly summary: string;
  readonly description?: string;
  /** An object of query parameters; without one a query is ignored. */
  readonly query?: Query;
  readonly body?: Body;
  /** Request headers that it heeds, with their meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Without a token. */
  readonly isPublic?: boolean;
}

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
