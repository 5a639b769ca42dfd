import { json } from 'express';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { EndpointDescription } from './endpoint-description.js';

/** A request that has been checked. */
export interface OpenCall<Query, Body> {
  readonly query: Query;
  readonly body: Body;
  param(name: string): string;
  header(name: string): string | undefined;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  readonly response: Response;
}

/** Bytes; larger than the largest order, user data included. */
const BODY_LIMIT = 1024 * 1024;
const readJson = json({ limit: BODY_LIMIT, strict: true });

export async function openCall<Q extends z.ZodType, B extends z.ZodType>(description: EndpointDescription<Q, B>, request: Request, response: Response): Promise<OpenCall<z.output<Q>, z.output<B>>> {
  const query = description.query ? check(description.query, request.query) : undefined;
  const body = description.body ? check(description.body, await readBody(request, response)) : undefined;
  // Made when it is asked for: few ask, and a signal costs as much as all else here.
  let signal: AbortSignal | undefined;
  return {
    query: query as z.output<Q>, body: body as z.output<B>, response,
    get signal() { return signal ??= goneSignal(response); },
    param: (name) => String(request.params[name]),
    header: (name) => request.get(name),
  };
}

/** An answer that went out whole closes too; then nobody listens any more. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  response.once('close', () => { if (!response.writableFinished) gone.abort(); });
  return gone.signal;
}

async function readBody(request: Request, response: Response): Promise<unknown> {
  if (!request.is('application/json')) throw new FogbowError('unsupported-media-type', 'Send the body as application/json.');
  await new Promise<void>((resolve, reject) => readJson(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error as Error))));
  return request.body as unknown;
}

/** Characters; a client that sends thousands of wrong names need not read them all again. */
const MOST_DETAIL = 2000;

function check<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'the request'}: ${issue.message}`);
  throw new FogbowError('unsupported-attribute', faults.join('; ').slice(0, MOST_DETAIL));
}
