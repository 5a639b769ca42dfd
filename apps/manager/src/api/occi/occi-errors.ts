import type { ErrorRequestHandler } from 'express';
import type { Logger } from '@fogbow/service-runtime';
import { requestError } from '../json/problem.js';

/** OCCI clients get the message as plain text (spec §1.4). */
export function occiErrorHandler(log: Logger): ErrorRequestHandler {
  return (thrown, request, response, next) => {
    if (response.headersSent) return next(thrown);
    const error = requestError(thrown);
    if (error.code === 'internal') log.error('a request failed', { requestId: response.locals['requestId'], method: request.method, path: request.originalUrl, error });
    response.status(error.entry.httpStatus).type('text/plain').send(error.code === 'internal' ? 'Internal Server Error' : error.message);
  };
}
