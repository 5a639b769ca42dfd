import type { z } from 'zod';

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
