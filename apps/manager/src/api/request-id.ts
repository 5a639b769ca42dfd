import type { Request, RequestHandler } from 'express';
import { newCorrelation, parseTraceparent, readCorrelation, withCorrelation } from '@fogbow/service-runtime';
import type { Clock, Correlation, Logger, Tracing } from '@fogbow/service-runtime';

export interface FollowOptions {
  readonly log: Logger;
  readonly clock: Pick<Clock, 'uptime'>;
  readonly tracing: Tracing;
}

const LONGEST_PATH = 200;

/**
 * Every answer carries the id under which all logs know the request, here and wherever it leads; a client may choose it, by `X-Request-Id` or by a trace of its own
 * (`traceparent`). What it chose and is not well-formed counts as not chosen.
 */
export function followRequests({ log, clock, tracing }: FollowOptions): RequestHandler {
  return (request, response, next) => {
    const begun = clock.uptime();
    const correlation = correlationOf(request);
    // A name has few values; the path, which has ids in it, is an attribute.
    const span = withCorrelation(correlation, () => tracing.begin({ name: `HTTP ${request.method}`, kind: 'server', isFirst: !parseTraceparent(request.get('traceparent')), attributes: { 'http.request.method': request.method, 'url.path': request.path.slice(0, LONGEST_PATH) } }));
    response.locals['requestId'] = correlation.requestId;
    response.set('X-Request-Id', correlation.requestId);
    const answered = (): void => {
      const { statusCode: status } = response;
      // What changes nothing, or was refused, is not worth a line: anybody could fill the disk with them.
      const level = request.method === 'GET' || request.method === 'HEAD' || status >= 400 ? 'debug' : 'info';
      log[level]('a request was answered', { method: request.method, path: request.path.slice(0, LONGEST_PATH), status, ms: Math.round(clock.uptime() - begun) });
    };
    response.once('finish', () => withCorrelation(correlation, answered));
    response.once('close', () => span.end(response.statusCode >= 500 ? `status ${response.statusCode}` : undefined, { 'http.response.status_code': response.statusCode }));
    withCorrelation(span.correlation, next);
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
