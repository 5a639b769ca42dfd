import type { Correlation } from '@fogbow/service-runtime';
import { currentCorrelation, newCorrelation, readCorrelation } from '@fogbow/service-runtime';
import type { XmlElement } from '../xml/element.js';

/** Attributes of the `<query>` of requests and answers. An extension: originals, and versions before, look for children alone. */
const REQUEST_ID = 'request-id';
const TRACEPARENT = 'traceparent';

/** The same query, marked with the request for which it is sent. */
export function withOrigin<Query extends XmlElement | undefined>(query: Query): Query {
  const origin = currentCorrelation();
  if (!query || !origin) return query;
  return { ...query, attributes: { ...query.attributes, [REQUEST_ID]: origin.requestId, ...(origin.traceparent ? { [TRACEPARENT]: origin.traceparent } : {}) } };
}

/** Whose story an answer belongs to, as the other member says; what is not well-formed counts as not said. */
export function originOf(query: XmlElement | undefined): Correlation | undefined {
  return readCorrelation(query?.attributes[REQUEST_ID], query?.attributes[TRACEPARENT]);
}

/** The same of a request: one that says nothing begins a story of its own here. */
export const originOfRequest = (query: XmlElement | undefined): Correlation => originOf(query) ?? newCorrelation();
