import fc from 'fast-check';
import type { RawRequest } from '../raw-request.js';

const PREFIX = 'org.fogbowcloud.order.';
/** What HTTP lets a header hold; the rest never reaches the server. */
const HEADER_CHARS = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((char) => /[\t\x20-\x7e\x80-\xff]/.test(char));
const SPECIAL = ['"', '\\', ',', ';', '=', '#', '<', '>', ' ', '\t', '{', '}', '%', '$', '[[\\n]]', '__proto__', 'constructor', '\u00ff', '\u00c3\u00bc'];
const headerNoise = fc.array(fc.oneof(fc.constantFrom(...SPECIAL), fc.constantFrom(...HEADER_CHARS)), { maxLength: 40 }).map((chars) => chars.join(''));

/** A right text with some of it cut out or something put into it. */
const bent = (text: string): fc.Arbitrary<string> =>
  fc.tuple(fc.nat(text.length), fc.nat(8), fc.oneof(fc.constant(''), headerNoise)).map(([at, cut, noise]) => text.slice(0, at) + noise + text.slice(at + cut));
const rightOrBent = (...texts: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...texts).chain((text) => fc.oneof({ weight: 3, arbitrary: fc.constant(text) }, { weight: 2, arbitrary: bent(text) }, { weight: 1, arbitrary: headerNoise }));

const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
const category = rightOrBent(
  'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"', 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"',
  'fogbow_request; scheme="http://schemas.fogbowcloud.org/request#"; class="kind"', 'fogbow_small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"',
  'any; scheme="http://schemas.fogbowcloud.org/template/os#"; class="mixin"; title="x"', `compute; scheme="${INFRASTRUCTURE}"; class="kind"`, `x; scheme="y#"; class="mixin"; rel="${INFRASTRUCTURE}os_tpl"`,
  `storage; scheme="${INFRASTRUCTURE}"; class="kind"`, `network; scheme="${INFRASTRUCTURE}"; class="kind"`, 'stop; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"',
);
const attribute = rightOrBent(
  `${PREFIX}resource-kind=compute`, `${PREFIX}resource-kind=compute`, `${PREFIX}resource-kind="compute", ${PREFIX}instance-count=2`, `${PREFIX}type=persistent`, `${PREFIX}valid-from=2099-01-01`, `${PREFIX}valid-until=2099-12-31`,
  `${PREFIX}requirements=(Glue2vCPU >= 1 && Glue2RAM > 2) || Glue2CloudComputeManagerID == "x"`, `${PREFIX}extra-user-data=IyEvYmluL3NoCg==`, `${PREFIX}extra-user-data-content-type=text/x-shellscript`,
  'org.fogbowcloud.credentials.publickey.data="ssh-ed25519 AAAA me"', 'occi.core.title="a, \\"b\\" = c"', 'occi.storage.size=3', 'occi.network.address=10.0.0.0/24', 'org.fogbowcloud.request.resource-kind=compute',
);
const several = (one: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.array(one, { maxLength: 4 });
const accept = rightOrBent('text/plain', 'text/occi', 'text/uri-list', 'application/occi+json', '*/*', 'application/json', 'text/html;q=0.9, text/plain');
const contentType = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('text/occi', 'application/occi+json', 'application/json') }, { weight: 1, arbitrary: rightOrBent('text/occi; charset=utf-8', 'text/plain') });
const link = rightOrBent(`</network/1>; rel="${INFRASTRUCTURE}network"; category="${INFRASTRUCTURE}networkinterface"`);

const id = fc.oneof(fc.uuid(), fc.constantFrom('federated_instance_', 'federated_instance_00000000-0000-4000-8000-000000000000', 'x@y', '@', '%00', '%00@x', '%ff', '%', '..', '%2e%2e%2f', '*', "'--", 'undefined'), fc.string().map(encodeURIComponent));
const query = fc.constantFrom('', '', '', '?verbose=true', '?verbose=%', '?action=stop', '?action=stop&action=start', '?action[]=x', '?limit=-1', '?cursor=%00', '?cursor=MjA', '?state=open,open', '?fields=__proto__', '?sort=x', '?batch=x');
const collection = fc.constantFrom('/order', '/order', '/fogbow_request', '/compute', '/compute', '/storage', '/storage/link', '/network', '/member', '/token', '/-', '/.well-known/org/ogf/occi/-', '/v1/orders', '/v1/orders', '/v1/computes', '/v1/members', '/v1/me', '/v1');
const tail = fc.oneof(fc.constantFrom('', '', '/'), id.map((text) => `/${text}`), fc.tuple(id, fc.constantFrom('quota', 'usage', 'actions', 'x')).map(([text, last]) => `/${text}/${last}`));
const path = fc.tuple(collection, tail, query).map((parts) => parts.join('')).map((text) => text.replace(/[^\x21-\x7e]/g, ''));

const rightOcci = fc.record({
  kind: fc.constantFrom('http://schemas.fogbowcloud.org/order#order', `${INFRASTRUCTURE}compute`, 'x'), mixins: fc.array(fc.oneof(fc.constant('http://schemas.fogbowcloud.org/template/resource#fogbow_small'), fc.string())),
  attributes: fc.dictionary(fc.oneof(fc.constantFrom(`${PREFIX}resource-kind`, `${PREFIX}instance-count`, 'occi.core.title', '__proto__'), fc.string()), fc.oneof(fc.constant('compute'), fc.jsonValue())), title: fc.jsonValue(),
}, { requiredKeys: ['kind'] });
const rightOrder = fc.record({
  count: fc.oneof(fc.integer({ min: -1, max: 2 }), fc.double()), kind: fc.constantFrom('compute', 'storage', 'x'), type: fc.constantFrom('one-time', 'persistent', ''), title: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
  flavor: fc.constantFrom('fogbow_small', '', 'x'), requirements: fc.oneof(fc.constantFrom('Glue2vCPU >= 1', '((((', '!'), fc.string()), publicKey: fc.string(), userData: fc.oneof(fc.constant([{ content: 'x', contentType: 'text/x-shellscript' }]), fc.jsonValue()),
  validFrom: fc.oneof(fc.constant('2099-01-01T00:00:00Z'), fc.string()), validUntil: fc.oneof(fc.constant('2099-12-31T00:00:00+02:00'), fc.string()),
}, { requiredKeys: [] });
const json = fc.oneof(rightOcci, rightOrder, fc.jsonValue()).map((value) => JSON.stringify(value) ?? '').chain((text) => fc.oneof({ weight: 4, arbitrary: fc.constant(text) }, { weight: 1, arbitrary: fc.tuple(fc.nat(text.length), fc.string()).map(([at, noise]) => text.slice(0, at) + noise + text.slice(at)) }));

const headers = fc.record({
  Category: several(category), 'X-OCCI-Attribute': several(attribute), Link: fc.oneof({ weight: 9, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: several(link) }), Accept: accept, 'Content-Type': contentType,
  'X-Auth-Token': headerNoise, Authorization: headerNoise.map((noise) => `Basic ${noise}`), 'If-Match': headerNoise, 'Idempotency-Key': headerNoise, Prefer: fc.constantFrom('wait=0', 'wait=x', 'wait=-1', ';;'), Host: fc.constantFrom('x', 'a"b', '[::1]:1'), 'X-Request-Id': headerNoise,
}, { requiredKeys: [] });

/** A seldom header must stay seldom, or every request fails at the door. */
const SELDOM = ['X-Auth-Token', 'If-Match', 'Host', 'Accept'] as const;
const kept = fc.tuple(headers, fc.nat(9)).map(([given, dice]) => Object.fromEntries(Object.entries(given).filter(([name]) => dice === 0 || !(SELDOM as readonly string[]).includes(name))) as Record<string, string | string[]>);

const method = fc.constantFrom('GET', 'GET', 'POST', 'POST', 'DELETE', 'HEAD', 'PUT', 'OPTIONS');
const anything: fc.Arbitrary<RawRequest> = fc.tuple(method, path, kept, json)
  .map(([name, target, given, body]) => ({ method: name, path: target, headers: given, ...(name === 'POST' || name === 'PUT' ? { body } : {}) }));

/** Right but for one thing at most, so that it gets far. */
const ORDER = 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"';
const nearlyRightOcci: fc.Arbitrary<RawRequest> = fc.record({ Category: several(category), 'X-OCCI-Attribute': fc.array(attribute, { maxLength: 2 }), Accept: fc.constantFrom('text/plain', 'text/occi') })
  .map(({ Category, 'X-OCCI-Attribute': attributes, Accept }) => ({
    method: 'POST', path: '/order', headers: { 'Content-Type': 'text/occi', Accept, Category: [ORDER, ...Category.slice(0, 1)], 'X-OCCI-Attribute': [`${PREFIX}resource-kind=compute`, ...attributes] },
  }));
const nearlyRightJson: fc.Arbitrary<RawRequest> = fc.oneof(
  rightOrder.map((body): RawRequest => ({ method: 'POST', path: '/v1/orders', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })),
  fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()).map((title): RawRequest => ({ method: 'POST', path: '/v1/orders', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ title }) })),
  fc.tuple(fc.string({ unit: 'binary' }), rightOcci).map(([title, { mixins = [] }]): RawRequest => ({
    method: 'POST', path: '/order', headers: { 'Content-Type': 'application/occi+json' },
    body: JSON.stringify({ kind: 'http://schemas.fogbowcloud.org/order#order', title, mixins: mixins.slice(0, 1), attributes: { [`${PREFIX}resource-kind`]: 'compute' } }),
  })),
);
const look: fc.Arbitrary<RawRequest> = fc.tuple(fc.constantFrom('GET', 'HEAD', 'GET', 'DELETE'), fc.constantFrom('/order', '/fogbow_request', '/compute', '/-/', '/v1/orders', '/v1/computes'), query, fc.option(category), fc.option(attribute), fc.option(accept))
  .map(([name, target, search, Category, attributes, Accept]) => ({
    method: name, path: target + search, headers: { ...(Category === null ? {} : { Category }), ...(attributes === null ? {} : { 'X-OCCI-Attribute': attributes }), ...(Accept === null ? {} : { Accept }) },
  }));

export const randomRequest: fc.Arbitrary<RawRequest> = fc.oneof(
  { weight: 8, arbitrary: anything }, { weight: 4, arbitrary: nearlyRightOcci }, { weight: 4, arbitrary: nearlyRightJson }, { weight: 4, arbitrary: look },
);
