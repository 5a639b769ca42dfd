import type { RequestHandler } from 'express';
import { newId } from '@fogbow/service-runtime';

const SAFE = /^[\w.-]{1,64}$/;

/** Every answer carries the id under which the log knows the request; a client may choose it. */
export const requestId: RequestHandler = (request, response, next) => {
  const given = request.get('X-Request-Id');
  response.locals['requestId'] = given && SAFE.test(given) ? given : newId();
  response.set('X-Request-Id', response.locals['requestId'] as string);
  next();
};
