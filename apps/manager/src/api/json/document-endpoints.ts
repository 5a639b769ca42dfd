import { docsPage } from './docs-page.js';
import { publicEndpoint } from './endpoint.js';
import type { Endpoint } from './endpoint.js';
import type { EndpointDescription } from './endpoint-description.js';
import { openApiDocument } from './openapi-document.js';

const PAGE_HEADERS = { 'Content-Security-Policy': 'default-src \'none\'; style-src \'unsafe-inline\'', 'X-Content-Type-Options': 'nosniff' };

/** The description of all endpoints, these included, for programs and for people. `others` answer elsewhere. */
export function withDocuments(endpoints: readonly Endpoint[], others: readonly EndpointDescription[], publicUrl?: string): Endpoint[] {
  const shared = { method: 'get', group: 'documentation' } as const;
  const all: Endpoint[] = [
    ...endpoints,
    publicEndpoint({
      ...shared, path: '/openapi.json', summary: 'This API as OpenAPI 3.1', answers: { 200: { meaning: 'The document.' } },
      handle: () => Promise.resolve({ text: { mediaType: 'application/json', content: texts().document } }),
    }),
    publicEndpoint({
      ...shared, path: '/docs', summary: 'This API as a page to read', answers: { 200: { meaning: 'The page.', mediaType: 'text/html' } },
      handle: () => Promise.resolve({ text: { mediaType: 'text/html', content: texts().page }, headers: PAGE_HEADERS }),
    }),
  ];
  let made: { readonly document: string; readonly page: string } | undefined;
  // Made when first asked for: the start of a process need not wait for it.
  const texts = (): { readonly document: string; readonly page: string } => {
    if (made) return made;
    const document = openApiDocument([...all, ...others], publicUrl);
    return made = { document: JSON.stringify(document), page: docsPage(document) };
  };
  return all;
}
