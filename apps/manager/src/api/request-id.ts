import type { Request, RequestHandler } from 'express';
import { newCorrelation, parseTraceparent, readCorrelation, withCorrelation } from '@fogbow/service-runtime';
import type { Clock, Correlation, Logger } from '@fogbow/service-runtime';

const LONGEST_PATH = 200;

/**
 * Every answer carries the id under which all logs know the request, here and wherever it leads; a client may choose it, by `X-Request-Id` or by a trace of its own
 * (`traceparent`). What it chose and is not well-formed counts as not chosen.
 */
export function followRequests(log: Logger, clock: Pick<Clock, 'uptime'>): RequestHandler {
  return (request, response, next) => {
    const begun = clock.uptime();
    const correlation = correlationOf(request);
    response.locals['requestId'] = correlation.requestId;
    response.set('X-Request-Id', correlation.requestId);
    const answered = (): void => {
      const { statusCode: status } = response;
      // What changes nothing, or was refused, is not worth a line: anybody could fill the disk with them.
      const level = request.method === 'GET' || request.method === 'HEAD' || status >= 400 ? 'debug' : 'info';
      log[level]('a request was answered', { method: request.method, path: request.path.slice(0, LONGEST_PATH), status, ms: Math.round(clock.uptime() - begun) });
    };
    withCorrelation(correlation, () => {
      response.once('finish', () => withCorrelation(correlation, answered));
      next();
    });
  };
}

function correlationOf(request: Request): Correlation {
  const made = newCorrelation();
  const given = readCorrelation(request.get('X-Request-Id'), request.get('traceparent'));
  if (!given) return made;
  // An id without a trace gets the trace of its digits where it is a UUID, so that both are one.
  if (given.traceparent) return given;
  const own = `00-${given.requestId.toLowerCase().replaceAll('-', '')}-${parseTraceparent(made.traceparent)?.spanId}-01`;
  return { requestId: given.requestId, traceparent: parseTraceparent(own) ? own : made.traceparent as string };
}
