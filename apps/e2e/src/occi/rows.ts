import type { Row } from './row.js';
import { RESOURCES } from './resource-rows.js';
import { COMPUTE, INFRASTRUCTURE, IRREGULAR, kind, last, ORDER, OS, post, PREFIX, SIZE, SMALL, TEXT, UNSUPPORTED, UUID } from './words.js';

const OLD_ORDER = 'fogbow_request; scheme="http://schemas.fogbowcloud.org/request#"; class="kind"';
const IMAGE = 'fogbow-linux; scheme="http://schemas.fogbowcloud.org/template/os#"; class="mixin"';

const refusals: readonly Row[] = [
  { name: '§1.3 no token', request: 'GET /order', as: 'nobody', status: 401, answer: 'Authentication required.', answerHeaders: { 'WWW-Authenticate': /./ } },
  { name: '§1.3 a wrong token', request: 'GET /order', as: 'nobody', headers: { 'X-Auth-Token': 'x' }, status: 401, answer: 'Unauthorized user.', answerHeaders: { 'WWW-Authenticate': /./ } },
  { name: '§1.3 the token as Basic', request: 'GET /order', as: 'nobody', headers: { Authorization: 'Basic {basic}' }, status: 200, answer: 'There are not orders.' },
  { name: '§1.3 POST without text/occi', request: 'POST /order', headers: { Category: ORDER, 'X-OCCI-Attribute': COMPUTE }, status: 400, answer: IRREGULAR },
  { name: '§1.3 an attribute without =', request: 'POST /order', headers: post(ORDER, 'x'), status: 400, answer: UNSUPPORTED },
  { name: '§1.3 a category without class', request: 'POST /order', headers: post('order; scheme="x#"'), status: 400, answer: IRREGULAR },
  { name: '§1.3 a category with an odd part', request: 'POST /order', headers: post(`${ORDER}; colour="red"`), status: 400, answer: IRREGULAR },
  { name: '§1.3 Accept of POST, before the token', request: 'POST /order', as: 'nobody', headers: post(ORDER, COMPUTE, { Accept: 'application/xml' }), status: 406, answer: 'Accept not acceptable.' },
  { name: '§1.3 Accept of a list', request: 'GET /order', headers: { Accept: 'application/xml' }, status: 406, answer: 'Accept not acceptable.' },
  { name: '§1.4 an unknown id', request: 'GET /order/11111111-1111-4111-8111-111111111111', status: 404, answer: 'Resource not found.' },
  { name: '§1.4 what is no id', request: 'DELETE /order/nonsense', status: 404, answer: 'Resource not found.' },
  { name: '§1.4 an unsupported method', request: 'PUT /order', status: 405, answer: 'Method not supported.', answerHeaders: { Allow: /GET, HEAD, POST, DELETE/ } },
  { name: '§1.5 without the kind of orders', request: 'POST /order', headers: post(kind('compute'), COMPUTE), status: 400, answer: IRREGULAR },
  { name: '§1.5 an unknown category, before the token', request: 'POST /order', as: 'nobody', headers: post([ORDER, 'odd; scheme="x#"; class="kind"'], COMPUTE), status: 400, answer: 'The cloud does not support category: odd' },
  { name: '§1.5 an unknown flavor', request: 'POST /order', headers: post([ORDER, SMALL.replace('small', 'vast')], COMPUTE), status: 400, answer: 'There is not a static flavor specified in configuration file.' },
  { name: '§1.5 no resource kind', request: 'POST /order', headers: post(ORDER), status: 400, answer: 'Resource kind not found.' },
  { name: '§1.5 storage without size', request: 'POST /order', headers: post(ORDER, `${PREFIX}resource-kind=storage`), status: 400, answer: 'Storage size not found.' },
  { name: '§1.5 an attribute that nothing lists', request: 'POST /order', headers: post(ORDER, [COMPUTE, `${PREFIX}surprise=1`]), status: 400, answer: UNSUPPORTED },
  { name: '§1.5 a count that is none', request: 'POST /order', headers: post(ORDER, [COMPUTE, `${PREFIX}instance-count=many`]), status: 400, answer: UNSUPPORTED },
  { name: '§1.5 a type that is none', request: 'POST /order', headers: post(ORDER, [COMPUTE, `${PREFIX}type=eternal`]), status: 400, answer: UNSUPPORTED },
  { name: '§1.5 requirements with a fault', request: 'POST /order', headers: post(ORDER, [COMPUTE, `${PREFIX}requirements=Glue2vCPU >`]), status: 400, answer: /character \d+/ },
  { name: '§1.5 a link to an unknown network', request: 'POST /order', headers: { ...post(ORDER, COMPUTE), Link: `</network/x>; rel="${INFRASTRUCTURE}network"; category="${INFRASTRUCTURE}networkinterface"` }, status: 404, answer: 'Resource not found.' },
  { name: '§1.5 a link that is none', request: 'POST /order', headers: { ...post(ORDER, COMPUTE), Link: 'x' }, status: 400, answer: IRREGULAR },
];

const orders: readonly Row[] = [
  { name: '§1.6 no orders', request: 'GET /order', status: 200, answer: 'There are not orders.', answerHeaders: { 'Content-Type': /^text\/plain/ } },
  { name: '§1.6 no orders as URIs', request: 'GET /order/', headers: { Accept: 'text/uri-list' }, status: 200, answer: '\n' },
  { name: '§1.5 an order with commas in its title and a date for its end', request: 'POST /order', headers: post([ORDER, `${SMALL}, ${IMAGE}`], [COMPUTE, `${PREFIX}valid-until=2099-12-31, occi.core.title = "one, two"`]), status: 201, answer: 'Ok',
    answerHeaders: { Location: new RegExp(`^http://[^/]+/order/${UUID}$`), 'Content-Type': /^text\/plain/ }, learn: ({ headers }, known) => known.set('order', last(headers.location)) },
  { name: '§1.5 two at once, text/occi', request: 'POST /order', headers: post(`Category: ${ORDER}`, [COMPUTE, `${PREFIX}instance-count=2`, `${PREFIX}requirements=Glue2CloudComputeManagerID=="nowhere.example"`, `${PREFIX}extra-user-data=IyEvYmluL3NoCnRydWUK`], { Accept: 'text/occi' }), status: 201, answer: 'Ok',
    answerHeaders: { Location: new RegExp(`^http://[^/]+/order/${UUID},http://[^/]+/order/${UUID}$`), 'Content-Type': /^text\/occi/ }, learn: ({ headers }, known) => known.set('waiting', last(headers.location)) },
  { name: '§1.1 an order by the names of 2014', request: 'POST /fogbow_request', headers: post(OLD_ORDER, 'org.fogbowcloud.request.resource-kind=compute, org.fogbowcloud.request.requirements=Glue2CloudComputeManagerID=="nowhere.example"'), status: 201, answer: 'Ok',
    answerHeaders: { Location: /\/fogbow_request\/[^/]+$/ }, learn: ({ headers }, known) => known.set('old', last(headers.location)) },
  { name: '§1.1 is shown by them', request: 'GET /fogbow_request/{old}', status: 200, answer: [/^\nCategory: fogbow_request; scheme="http:\/\/schemas\.fogbowcloud\.org\/request#"; class="kind"/, /org\.fogbowcloud\.request\.state="open" $/m] },
  { name: '§1.6 the list', request: 'GET /order', status: 200, answer: /^X-OCCI-Location: http:\/\/[^\n]+\/order\/{order}$/m },
  { name: '§1.6 the list, verbose', request: 'GET /order?verbose=true', status: 200, answer: /\/order\/{waiting}; org\.fogbowcloud\.order\.state=OPEN; org\.fogbowcloud\.order\.type=one-time; org\.fogbowcloud\.order\.instance-id=null; org\.fogbowcloud\.order\.resource-kind=compute$/m },
  { name: '§1.6 URIs, verbose', request: 'GET /order?verbose=true', headers: { Accept: 'text/uri-list' }, status: 200, answer: /^http:\/\/[^\n]+\/order\/{waiting}; State=open; [^\n]+providing-member=None; [^\n]+instance-id=null$/m },
  { name: '§1.6 by category', request: 'GET /order', headers: { Category: SMALL }, status: 200, answer: /^X-OCCI-Location: [^\n]+{order}$/ },
  { name: '§1.6 by a category that none has', request: 'GET /order', headers: { Category: 'huge; scheme="x#"; class="mixin"' }, status: 400, answer: 'The following category is not registered.' },
  { name: '§1.6 by attribute', request: 'GET /order', headers: { 'X-OCCI-Attribute': 'occi.core.title="one, two"' }, status: 200, answer: /^X-OCCI-Location: [^\n]+{order}$/ },
  { name: '§1.6 by an attribute that none has', request: 'GET /order', headers: { 'X-OCCI-Attribute': 'occi.core.title="three"' }, status: 200, answer: 'There are not orders.' },
  { name: '§1.7 one, when it has its machine', request: 'GET /order/{order}', isAwaited: true, status: 200, learn: ({ body }, known) => known.set('machine', /instance-id="([^"]+)"/.exec(body)?.[1] ?? ''), answer: [
    /^\nCategory: order; scheme="http:\/\/schemas\.fogbowcloud\.org\/order#"; class="kind"; title="Order new Instances"; rel="http:\/\/schemas\.ogf\.org\/occi\/core#resource"; location="http/, /^Category: fogbow_small; /m, /^Category: fogbow-linux; /m,
    /^X-OCCI-Attribute: occi\.core\.id="{order}" $/m, /occi\.core\.title="one, two" $/m, /order\.state="fulfilled" $/m, /order\.instance-id="[^"@]+@{member}" $/m, /order\.providing-member="{member}" $/m,
    /order\.network-id="Network default" $/m, /order\.storage-size="Not defined" $/m, /order\.valid-until="2099-12-31T23:59:59\.999Z" $/m, /occi\.network\.vlan="Not defined" $/m, /occi\.networkinterface\.mac="Not defined" $/m] },
  { name: '§1.7 one, waiting', request: 'GET /order/{waiting}', status: 200, answer: [/order\.providing-member="None" $/m, /order\.instance-id="null" $/m, /order\.state="open" $/m,
    /order\.user-data="Not defined" $/m, /order\.extra-user-data="IyEvYmluL3NoCnRydWUK" $/m, /order\.extra-user-data-content-type="text\/x-shellscript" $/m] },
  { name: '§1.2 HEAD', request: 'HEAD /order/{order}', status: 200, answer: '' },
  { name: 'text/occi in headers', request: 'GET /order/{order}', headers: { Accept: 'text/occi' }, status: 200, answer: 'Ok', answerHeaders: { Category: /^order; scheme=/, 'X-OCCI-Attribute': /occi\.core\.title="one, two"/ } },
  { name: 'JSON of OCCI 1.2', request: 'GET /order/{order}', headers: { Accept: 'application/occi+json' }, status: 200, answer: /"kind":"http:\/\/schemas\.fogbowcloud\.org\/order#order"/, answerHeaders: { 'Content-Type': /^application\/occi\+json/ } },
  { name: 'an order in JSON of OCCI 1.2', request: 'POST /order', headers: { 'Content-Type': 'application/occi+json' }, status: 201, answer: 'Ok',
    body: JSON.stringify({ kind: 'http://schemas.fogbowcloud.org/order#order', attributes: { [`${PREFIX}resource-kind`]: 'compute', [`${PREFIX}requirements`]: 'Glue2CloudComputeManagerID=="nowhere.example"' } }) },
  { name: '§1.4 somebody else’s order', request: 'GET /order/{order}', as: 'stranger', status: 404, answer: 'Resource not found.' },
  { name: '§1.4 somebody else’s order cannot be deleted', request: 'DELETE /order/{order}', as: 'stranger', status: 404, answer: 'Resource not found.' },
];

const computes: readonly Row[] = [
  { name: '§1.8 the list', request: 'GET /compute', status: 200, answer: /^X-OCCI-Location: http:\/\/[^\n]+\/compute\/{machine}$/m },
  { name: '§1.8 the stranger’s list', request: 'GET /compute/', as: 'stranger', status: 200, answer: 'There are no compute instances.' },
  { name: '§1.8 one', request: 'GET /compute/{machine}', status: 200, answer: [
    /^Category: compute; scheme="http:\/\/schemas\.ogf\.org\/occi\/infrastructure#"; class="kind"/, /^X-OCCI-Attribute: occi\.compute\.state="active"$/m, /^X-OCCI-Attribute: occi\.compute\.architecture="Not defined"$/m,
    /occi\.compute\.cores="1"$/m, /occi\.compute\.memory="0\.5"$/m, /occi\.core\.id="{machine}"$/m, /order\.ssh-public-address="[\d.]+:\d+"$/m, /order\.ssh-username="\w+"$/m,
    /^Link: <\/network\/public>; rel="http:\/\/schemas\.ogf\.org\/occi\/infrastructure#network"; self="\/network\/interface\/[^"]+"; category="[^"]+"; .*occi\.networkinterface\.mac="Not defined"/m] },
  { name: '§1.8 one in JSON', request: 'GET /compute/{machine}', headers: { Accept: 'application/occi+json' }, status: 200, answer: /"occi\.compute\.state":"active"/ },
  { name: '§1.4 somebody else’s machine', request: 'GET /compute/{machine}', as: 'stranger', status: 401, answer: 'Unauthorized user.', answerHeaders: { 'WWW-Authenticate': /./ } },
  { name: '§1.4 somebody else’s machine cannot be deleted', request: 'DELETE /compute/{machine}', as: 'stranger', status: 401, answer: 'Unauthorized user.' },
  { name: '§1.4 an unknown machine', request: 'GET /compute/none@{member}', status: 404, answer: 'Resource not found.' },
  { name: '§1.8 by a category that none has', request: 'GET /compute', headers: { Category: 'huge; scheme="x#"; class="mixin"' }, status: 400, answer: 'The following category is not registered.' },
  { name: '§1.8 by attribute', request: 'GET /compute', headers: { 'X-OCCI-Attribute': 'occi.compute.state="suspended"' }, status: 200, answer: 'There are no compute instances.' },
  { name: '§1.11 an action that is none', request: 'POST /compute/{machine}?action=fly', headers: TEXT, status: 400, answer: IRREGULAR },
  { name: '§1.11 POST to a machine without an action', request: 'POST /compute/{machine}', headers: TEXT, status: 405, answer: 'Method not supported.' },
  { name: '§1.8 POST without a template', request: 'POST /compute', headers: post(kind('compute')), status: 400, answer: 'Please provide a valid OS Template.' },
  { name: '§1.8 POST with a template that means nothing', request: 'POST /compute', headers: post([kind('compute'), OS.replace('e2e_os', 'other')]), status: 400, answer: 'There is not any property specified at manager conf file for OCCI resource: other' },
  { name: '§1.8 POST', request: 'POST /compute', headers: post([kind('compute'), OS, SIZE]), status: 201, answerHeaders: { Location: new RegExp(`^http://[^/]+/compute/federated_instance_${UUID}$`) }, learn: ({ headers }, known) => known.set('federated', last(headers.location)) },
  { name: '§1.8 it is there at once, and up in a while', request: 'GET /compute/{federated}', isAwaited: true, status: 200, answer: /occi\.compute\.state="active"$/m },
  { name: '§1.8 it is listed by its promised name', request: 'GET /compute', status: 200, answer: /\/compute\/{federated}$/m },
  { name: '§1.8 DELETE of it', request: 'DELETE /compute/{federated}', status: 200, answer: 'Ok' },
  { name: '§1.8 DELETE of one', request: 'DELETE /compute/{machine}', status: 200, answer: 'Ok' },
  { name: '§2.1 its one-time order is closed', request: 'GET /order/{order}', isAwaited: true, status: 200, answer: /order\.state="closed" $/m },
  { name: '§1.8 DELETE of all', request: 'DELETE /compute', status: 200, answer: 'Ok' },
];

const JSON_12 = { 'Content-Type': 'application/occi+json', Accept: 'text/occi, application/occi+json' };
const wished = (title: string, attributes: Record<string, string>): string =>
  JSON.stringify({ kind: `${INFRASTRUCTURE}compute`, mixins: ['http://schemas.fogbowcloud.org/template/os#fogbow-linux'], title, attributes });

/** What a Manager asks for whose cloud this one is (plugin cloud-occi). */
const nested: readonly Row[] = [
  { name: 'OCCI 1.2: a machine by its size, under a key', request: 'POST /compute', headers: { ...JSON_12, 'Idempotency-Key': 'row-1' }, body: wished('nested', { 'occi.compute.cores': '1', 'occi.compute.memory': '0.5' }), status: 201,
    answerHeaders: { Location: new RegExp(`^http://[^/]+/compute/federated_instance_${UUID}$`) }, learn: ({ headers }, known) => known.set('nested', last(headers.location)) },
  { name: 'OCCI 1.2: the same once more is the same', request: 'POST /compute', headers: { ...JSON_12, 'Idempotency-Key': 'row-1' }, body: wished('nested', { 'occi.compute.cores': '1', 'occi.compute.memory': '0.5' }), status: 201 },
  { name: 'OCCI 1.2: there is one of that title', request: 'GET /compute', headers: { 'X-OCCI-Attribute': 'occi.core.title="nested"' }, status: 200, answer: /^X-OCCI-Location: [^\n]+\/compute\/{nested}$/ },
  { name: 'OCCI 1.2: another under its key', request: 'POST /compute', headers: { ...JSON_12, 'Idempotency-Key': 'row-1' }, body: wished('other', {}), status: 409 },
  { name: 'OCCI 1.2: a size that is none', request: 'POST /compute', headers: JSON_12, body: wished('odd', { 'occi.compute.cores': 'many' }), status: 400, answer: UNSUPPORTED },
  { name: 'OCCI 1.2: found by its title', request: 'GET /compute', headers: { Accept: 'application/occi+json', 'X-OCCI-Attribute': 'occi.core.title="nested"' }, status: 200, answer: /^\{"resources":\[\{[^[]*"mixins":\[[^\]]*\],"attributes":\{[^}]*"org\.fogbowcloud\.order\.state":"\w+"/ },
  { name: 'OCCI 1.2: DELETE of it', request: 'DELETE /compute/{nested}', status: 200, answer: 'Ok' },
];

const members: readonly Row[] = [
  { name: '§1.11 members, without text/occi', request: 'GET /member', status: 400, answer: IRREGULAR },
  { name: '§1.11 members, with a wrong token', request: 'GET /member', as: 'nobody', headers: { ...TEXT, 'X-Auth-Token': 'x' }, status: 401, answer: 'Unauthorized user.' },
  { name: '§1.11 members', request: 'GET /member', headers: TEXT, isAwaited: true, status: 200, answer: [/^{member}$/m, /^{other}$/m] },
  { name: '§1.11 quota', request: 'GET /member/{member}/quota', status: 200, answer: new RegExp(`^${['cpu', 'mem', 'instances'].flatMap((name) => [`${name}Quota`, `${name}InUse`, `${name}InUseByUser`]).map((name) => `X-OCCI-Attribute: ${name}=\\d+`).join('\\n')}$`) },
  { name: '§1.11 quota of nobody', request: 'GET /member/nobody.example/quota/', status: 404 },
  { name: '§1.11 usage', request: 'GET /member/{member}/usage', status: 200, answer: /^X-OCCI-Attribute: memberId={member}\nX-OCCI-Attribute: compute usage=\d+\.\d+\nX-OCCI-Attribute: storage usage=\d+\.\d+$/ },
  { name: '§1.11 accounting', request: 'GET /member/accounting/compute', status: 200, answer: /^<<FORMAT: USER; REQUESTING MEMBER; PROVIDING MEMBER; USAGE>>\nalice; {member}; {member}; \d+\.\d+$/ },
  { name: '§1.11 accounting in JSON', request: 'GET /member/accounting/compute', headers: { Accept: 'application/json' }, status: 200, answer: /^\{"accounting":\[\{"user":"alice"/ },
  { name: '§1.11 accounting of storage', request: 'GET /member/accounting/storage', status: 200, answer: /^<<FORMAT: USER; REQUESTING MEMBER; PROVIDING MEMBER; USAGE>>\nalice; {member}; {member}; \d+\.\d+$/ },
  { name: '§1.4 accounting for a stranger', request: 'GET /member/accounting/compute', as: 'stranger', status: 403, answer: "You don't have necessary permissions for the resource." },
  { name: '§1.11 a token', request: 'GET /token', headers: { ...TEXT, username: 'alice', password: 'x' }, status: 405, answer: /issues no tokens/ },
];

const query: readonly Row[] = ['/-/', '/.well-known/org/ogf/occi/-/'].flatMap((path): Row[] => [
  { name: `§1.11 ${path} without a token`, request: `HEAD ${path}`, as: 'nobody', status: 401, answerHeaders: { 'WWW-Authenticate': /./ } },
  { name: `§1.11 HEAD ${path}`, request: `HEAD ${path}`, status: 200 },
  { name: `§1.11 ${path}`, request: `GET ${path}`, status: 200, answer: [
    /^\nCategory: resource; scheme="http:\/\/schemas\.ogf\.org\/occi\/core#"; class="kind"$/m, /^Category: order; scheme=[^\n]+attributes="org\.fogbowcloud\.order\.instance-count [^"]+"$/m,
    /^Category: compute; [^\n]+occi\.compute\.state\{immutable\}[^\n]+actions="http:\/\/schemas\.ogf\.org\/occi\/infrastructure\/compute\/action#start /m, /^Category: fogbow_small; scheme="http:\/\/schemas\.fogbowcloud\.org\/template\/resource#"; class="mixin"/m] },
  { name: `§1.11 ${path} in headers`, request: `GET ${path}`, headers: { Accept: 'text/occi' }, status: 200, answer: 'Ok', answerHeaders: { Category: /, order; scheme=/ } },
  { name: `§1.11 ${path}, narrowed`, request: `GET ${path}`, headers: { Category: `resource_tpl; scheme="${INFRASTRUCTURE}"; class="mixin"` }, status: 200, answer: /^\nCategory: resource_tpl;[^\n]+\nCategory: fogbow_small;/ },
  { name: `§1.11 ${path}, narrowed to nothing`, request: `GET ${path}`, headers: { Category: 'x; scheme="y#"; class="kind"' }, status: 400 },
  { name: `§1.11 ${path}, narrowed by nonsense`, request: `GET ${path}`, headers: { Category: 'x' }, status: 400, answer: IRREGULAR },
  { name: `${path} in JSON of OCCI 1.2`, request: `GET ${path}`, headers: { Accept: 'application/occi+json' }, status: 200, answer: /^\{"kinds":\[/ },
]);

const end: readonly Row[] = [
  { name: '§1.7 DELETE of one', request: 'DELETE /order/{waiting}', status: 200, answer: 'Ok' },
  { name: '§1.7 DELETE of all', request: 'DELETE /order', status: 200, answer: 'Ok' },
  { name: '§1.7 then nothing is left', request: 'GET /order', isAwaited: true, status: 200, answer: 'There are not orders.' },
];

/** In this order: later rows look at what earlier ones made. */
export const ROWS: readonly Row[] = [...refusals, ...orders, ...computes, ...nested, ...RESOURCES, ...members, ...query, ...end];
