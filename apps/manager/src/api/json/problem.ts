import type { ErrorRequestHandler } from 'express';
import { asFogbowError, FogbowError } from '@fogbow/plugin-contracts';
import type { Logger } from '@fogbow/service-runtime';
import { isDatabaseAway, isDiskFull } from '@fogbow/storage';

/** Problem details (RFC 9457) with the code of the error catalogue. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  /** The things that it is about: those that are in the way. */
  readonly ids?: readonly string[];
}

/** Any thrown value as an error of the catalogue, those of the body parser and of a database that is away included. */
export function requestError(error: unknown): FogbowError {
  const type = (error as { type?: unknown } | null)?.type;
  if (type === 'entity.too.large') return new FogbowError('body-too-large', 'The body is larger than the limit.');
  if (type === 'entity.parse.failed' || type === 'encoding.unsupported' || type === 'charset.unsupported' || error instanceof URIError) {
    return new FogbowError('bad-syntax', `The request cannot be read: ${(error as Error).message}`);
  }
  if (type === 'request.aborted' || type === 'request.size.invalid') return new FogbowError('bad-syntax', 'The body ended before its announced length.');
  // Of the body parser: data that are not compressed as they say, and whatever else a client did wrong.
  if (isHttpFault(error) && error.status >= 400 && error.status < 500) return new FogbowError('bad-syntax', `The request cannot be read: ${error.message}`);
  if (isDiskFull(error)) return new FogbowError('unavailable', 'The database has no room on its disk; your operator has been told.', { cause: error });
  if (isDatabaseAway(error)) return new FogbowError('unavailable', 'The database does not answer; try again in a moment.', { cause: error });
  return asFogbowError(error);
}

/** Made by the package http-errors to be shown to the client. Errors of other HTTP servers have a status too, but are not for showing. */
const isHttpFault = (error: unknown): error is Error & { readonly status: number } => error instanceof Error && (error as { expose?: unknown }).expose === true;

export function problemHandler(log: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = requestError(thrown);
    const requestId = response.locals['requestId'] as string;
    if (error.code === 'internal') log.error('a request failed', { requestId, method: request.method, path: request.path, error });
    const detail = error.code === 'internal' ? 'A fault of ours; quote the request id to your operator.' : error.message;
    const problem: Problem = { type: `urn:fogbow:error:${error.code}`, title: error.entry.meaning, status: error.entry.httpStatus, code: error.code, detail, requestId, ...(error.ids ? { ids: error.ids } : {}) };
    response.status(error.entry.httpStatus).type('application/problem+json').send(JSON.stringify(problem));
  };
}
