import type { RawRequest } from '../raw-request.js';

/** Just below the limits of headers (64 KiB in all) and of bodies (1 MiB). */
const HEADER = 60_000;
const BODY = 1_000_000;
const filled = (piece: string, length: number): string => piece.repeat(Math.floor(length / piece.length));

const PIECES = ['"', '\\', '"\\', ',', ';', '=', ' ', 'a', 'a,', 'a=', 'a;b=', '"a"', 'a="b",', '<', '</a>;', '(', '!', '&&', 'Category: ', '%', '\u00c3\u00bc', '\u00ff'];
const HEADERS = ['Category', 'X-OCCI-Attribute', 'Link', 'Accept', 'Content-Type', 'Authorization', 'If-Match', 'Prefer'];
const REQUIREMENTS = 'X-OCCI-Attribute';
const ORDER = 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"';

const inHeaders = HEADERS.flatMap((name) => PIECES.flatMap((piece): RawRequest[] => ['GET', 'POST'].map((method) =>
  ({ method, path: '/order', headers: { 'Content-Type': 'text/occi', Category: ORDER, [name]: filled(piece, HEADER) } }))));
const inRequirements = ['(', '!', 'Glue2vCPU>1&&', '(Glue2vCPU>1||', '"', '-'].map((piece): RawRequest =>
  ({ method: 'POST', path: '/order', headers: { 'Content-Type': 'text/occi', Category: ORDER, [REQUIREMENTS]: `org.fogbowcloud.order.resource-kind=compute, org.fogbowcloud.order.requirements=${filled(piece, HEADER - 200)}` } }));
const inBodies = ['[', '{"a":', '"', '1', '[1,', '\\u0000'].flatMap((piece): RawRequest[] => [['/order', 'application/occi+json'], ['/v1/orders', 'application/json']].map(([path = '', type = '']) =>
  ({ method: 'POST', path, headers: { 'Content-Type': type }, body: filled(piece, BODY) })));
const inKeys: RawRequest = {
  method: 'POST', path: '/order', headers: { 'Content-Type': 'application/occi+json' },
  body: JSON.stringify({ kind: 'http://schemas.fogbowcloud.org/order#order', attributes: Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`key${index}`, 'x'])), mixins: Array.from({ length: 10_000 }, () => 'a#b') }),
};

/** What would show that something takes time out of proportion to its length. */
export const SLOW_REQUESTS: readonly RawRequest[] = [...inHeaders, ...inRequirements, ...inBodies, inKeys];
