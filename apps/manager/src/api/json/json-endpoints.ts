import { accountEndpoints } from './account-endpoints.js';
import type { AccountApi } from './account-endpoints.js';
import { withDocuments } from './document-endpoints.js';
import type { Endpoint } from './endpoint.js';
import { EVENTS_DESCRIPTION } from './events-description.js';
import { federationEndpoints } from './federation-endpoints.js';
import type { FederationApi } from './federation-endpoints.js';
import type { OrderApi } from './order-collection.js';
import { orderEndpoints } from './order-endpoints.js';
import type { ComputeApi } from './order-endpoints.js';

export interface JsonApi extends OrderApi, ComputeApi, FederationApi, AccountApi {
  /** Base of this API for its clients; absent: where the document was found. */
  readonly publicUrl?: string;
}

/** The whole JSON API. A new kind of resource adds its collection in order-endpoints.ts and nothing else. */
export function jsonEndpoints(api: JsonApi): Endpoint[] {
  return withDocuments([...orderEndpoints(api, api), ...federationEndpoints(api), ...accountEndpoints(api)], [EVENTS_DESCRIPTION], api.publicUrl);
}
