import type { Row } from './row.js';
import { COMPUTE, INFRASTRUCTURE, IRREGULAR, kind, last, ORDER, OS, post, PREFIX, SIZE, UNSUPPORTED, UUID } from './words.js';

const LINK_TO_NETWORK = `</network/{network}>; rel="${INFRASTRUCTURE}network"; category="${INFRASTRUCTURE}networkinterface"`;
const network = (address: string, gateway = '127.77.0.1', allocation = 'dynamic'): string[] => [`occi.network.address=${address}`, `occi.network.gateway=${gateway}`, `occi.network.allocation=${allocation}`];
const ends = (source: string, target: string): string[] => [`occi.core.source=http://somewhere.example/compute/${source}`, `occi.core.target=http://somewhere.example/storage/${target}`];
const UNKNOWN = '11111111-1111-4111-8111-111111111111';

const volumes: readonly Row[] = [
  { name: '§1.9 no storage', request: 'GET /storage/', status: 200, answer: 'There are no storage instances.' },
  { name: '§1.9 storage without size', request: 'POST /storage', headers: post(kind('storage')), status: 400, answer: 'Storage size not found.' },
  { name: '§1.9 a size that is none', request: 'POST /storage', headers: post(kind('storage'), 'occi.storage.size=vast'), status: 400, answer: UNSUPPORTED },
  { name: '§1.9 storage of another kind', request: 'POST /storage', headers: post(kind('compute'), 'occi.storage.size=1'), status: 400, answer: IRREGULAR },
  { name: '§1.9 storage without text/occi', request: 'POST /storage', headers: { Category: kind('storage'), 'X-OCCI-Attribute': 'occi.storage.size=1' }, status: 400, answer: IRREGULAR },
  { name: '§1.9 storage without a token', request: 'POST /storage', as: 'nobody', headers: post(kind('storage'), 'occi.storage.size=1'), status: 401, answerHeaders: { 'WWW-Authenticate': /./ } },
  { name: '§1.9 an unknown volume', request: 'GET /storage/x', status: 404, answer: 'Resource not found.' },
  { name: '§1.9 POST', request: 'POST /storage', headers: post(kind('storage'), ['occi.storage.size=1', 'occi.core.title=data']), status: 201, answer: 'Ok',
    answerHeaders: { Location: new RegExp(`^http://[^/]+/storage/federated_storage_${UUID}$`) }, learn: ({ headers }, known) => known.set('volume', last(headers.location)) },
  { name: '§1.9 it is there at once, and of use in a while', request: 'GET /storage/{volume}', isAwaited: true, status: 200, answer: [
    /^Category: storage; scheme="http:\/\/schemas\.ogf\.org\/occi\/infrastructure#"; class="kind"/, /^X-OCCI-Attribute: occi\.storage\.name="data"$/m, /^X-OCCI-Attribute: occi\.storage\.status="active"$/m,
    /^X-OCCI-Attribute: occi\.storage\.size="1"$/m, /^X-OCCI-Attribute: occi\.core\.id="{volume}"$/m] },
  { name: '§1.9 the list', request: 'GET /storage', status: 200, answer: /^X-OCCI-Location: http:\/\/[^\n]+\/storage\/{volume}$/ },
  { name: '§1.9 the list as URIs', request: 'GET /storage', headers: { Accept: 'text/uri-list' }, status: 200, answer: /^http:\/\/[^\n]+\/storage\/{volume}\n$/ },
  { name: '§1.9 by attribute', request: 'GET /storage', headers: { 'X-OCCI-Attribute': 'occi.storage.size="2"' }, status: 200, answer: 'There are no storage instances.' },
  { name: '§1.9 one in JSON', request: 'GET /storage/{volume}', headers: { Accept: 'application/occi+json' }, status: 200, answer: /"occi\.storage\.status":"active"/ },
  { name: '§1.9 the stranger’s list', request: 'GET /storage', as: 'stranger', status: 200, answer: 'There are no storage instances.' },
  { name: '§1.4 somebody else’s volume by its promised name', request: 'GET /storage/{volume}', as: 'stranger', status: 404, answer: 'Resource not found.' },
  { name: '§1.5 an order for storage', request: 'POST /order', headers: post(ORDER, [`${PREFIX}resource-kind=storage`, `${PREFIX}storage-size=2`]), status: 201, answer: 'Ok', learn: ({ headers }, known) => known.set('volumeOrder', last(headers.location)) },
  { name: '§1.7 it, when it has its volume', request: 'GET /order/{volumeOrder}', isAwaited: true, status: 200, answer: [/order\.state="fulfilled" $/m, /order\.resource-kind="storage" $/m, /order\.storage-size="2" $/m, /order\.instance-id="[^"@]+@{member}" $/m],
    learn: ({ body }, known) => known.set('plainVolume', /instance-id="([^"]+)"/.exec(body)?.[1] ?? '') },
  { name: '§1.9 its volume', request: 'GET /storage/{plainVolume}', status: 200, answer: /occi\.storage\.size="2"$/m },
  { name: '§1.4 somebody else’s volume', request: 'DELETE /storage/{plainVolume}', as: 'stranger', status: 401, answer: 'Unauthorized user.', answerHeaders: { 'WWW-Authenticate': /./ } },
  { name: '§1.9 DELETE of it', request: 'DELETE /storage/{plainVolume}', status: 200, answer: 'Ok' },
  { name: '§2.1 its order is closed', request: 'GET /order/{volumeOrder}', isAwaited: true, status: 200, answer: /order\.state="closed" $/m },
];

const networks: readonly Row[] = [
  { name: '§1.10 no networks', request: 'GET /network/', status: 200, answer: 'There are no network instances.' },
  { name: '§1.10 a network with a wrong address', request: 'POST /network/', headers: post(kind('network'), 'occi.network.address=x'), status: 400, answer: 'Network address with invalid value' },
  { name: '§1.10 a network with a wrong gateway', request: 'POST /network/', headers: post(kind('network'), network('127.77.0.0/24', 'x')), status: 400, answer: 'Network gateway with invalid value' },
  { name: '§1.10 a network with a wrong allocation', request: 'POST /network/', headers: post(kind('network'), network('127.77.0.0/24', '127.77.0.1', 'magic')), status: 400, answer: 'Network allocation with invalid value' },
  { name: '§1.10 a gateway outside of the network', request: 'POST /network/', headers: post(kind('network'), network('127.77.0.0/24', '127.78.0.1')), status: 400, answer: /is not an address for use in 127\.77\.0\.0\/24/ },
  { name: '§1.10 an unknown network', request: 'GET /network/x', status: 404, answer: 'Resource not found.' },
  { name: '§1.10 POST', request: 'POST /network/', headers: post(kind('network'), [...network('127.77.0.1/24'), 'occi.core.title=lan']), status: 201, answer: 'Ok',
    answerHeaders: { Location: new RegExp(`^http://[^/]+/network/federated_network_${UUID}$`) }, learn: ({ headers }, known) => known.set('network', last(headers.location)) },
  { name: '§1.10 it is there at once, and of use in a while', request: 'GET /network/{network}', isAwaited: true, status: 200, answer: [
    /^Category: network; scheme="http:\/\/schemas\.ogf\.org\/occi\/infrastructure#"; class="kind"/, /occi\.network\.state="active"$/m, /occi\.network\.label="lan"$/m, /occi\.network\.vlan="Not defined"$/m,
    /occi\.network\.address="127\.77\.0\.0\/24"$/m, /occi\.network\.gateway="127\.77\.0\.1"$/m, /occi\.network\.allocation="dynamic"$/m, /occi\.core\.id="{network}"$/m] },
  { name: '§1.10 the list', request: 'GET /network', status: 200, answer: /^X-OCCI-Location: http:\/\/[^\n]+\/network\/{network}$/ },
  { name: '§1.4 somebody else’s network', request: 'DELETE /network/{network}', as: 'stranger', status: 404, answer: 'Resource not found.' },
  { name: '§1.3 a link to somebody else’s network', request: 'POST /compute', as: 'stranger', headers: post([kind('compute'), OS, SIZE], undefined, { Link: LINK_TO_NETWORK }), status: 404, answer: 'Resource not found.' },
  { name: '§1.5 an order with a link to it', request: 'POST /order', headers: post(ORDER, [COMPUTE, `${PREFIX}requirements=Glue2vCPU>64`], { Link: LINK_TO_NETWORK }), status: 201, answer: 'Ok', learn: ({ headers }, known) => known.set('linked', last(headers.location)) },
  { name: '§1.7 it shows the network', request: 'GET /order/{linked}', status: 200, answer: /order\.network-id="{network}" $/m },
  { name: '§1.10 what an order needs stays', request: 'DELETE /network/{network}', status: 409, answer: /^The network is in use by machine {linked}; delete that first\.$/ },
  { name: '§1.7 DELETE of the order', request: 'DELETE /order/{linked}', status: 200, answer: 'Ok' },
  { name: '§1.8 a machine on the network', request: 'POST /compute', headers: post([kind('compute'), OS, SIZE], undefined, { Link: LINK_TO_NETWORK }), status: 201, learn: ({ headers }, known) => known.set('linkedMachine', last(headers.location)) },
  { name: '§1.8 it shows its address there', request: 'GET /compute/{linkedMachine}', isAwaited: true, status: 200,
    answer: [/occi\.compute\.state="active"$/m, /^Link: <\/network\/{network}>; [^\n]*occi\.networkinterface\.state="active"[^\n]*occi\.networkinterface\.address="127\.77\.0\.\d+"/m] },
];

const links: readonly Row[] = [
  { name: '§1.9 no links', request: 'GET /storage/link/', status: 200, answer: 'There are not storage links.' },
  { name: '§1.9 a link without its ends', request: 'POST /storage/link/', headers: post(kind('storagelink')), status: 400, answer: UNSUPPORTED },
  { name: '§1.9 a link of another kind', request: 'POST /storage/link/', headers: post(kind('storage'), ends('{linkedMachine}', '{volume}')), status: 400, answer: IRREGULAR },
  { name: '§1.9 a link to an unknown volume', request: 'POST /storage/link/', headers: post(kind('storagelink'), ends('{linkedMachine}', `federated_storage_${UNKNOWN}`)), status: 404, answer: 'Instance(compute/storage) not found..' },
  { name: '§1.9 a link to a machine in place of a volume', request: 'POST /storage/link/', headers: post(kind('storagelink'), ends('{linkedMachine}', '{linkedMachine}')), status: 404, answer: 'Instance(compute/storage) not found..' },
  { name: '§1.9 a link by a stranger', request: 'POST /storage/link/', as: 'stranger', headers: post(kind('storagelink'), ends('{linkedMachine}', '{volume}')), status: 404, answer: 'Instance(compute/storage) not found..' },
  { name: '§1.9 POST', request: 'POST /storage/link/', headers: post(kind('storagelink'), ends('{linkedMachine}', '{volume}')), status: 201, answer: 'Ok',
    answerHeaders: { Location: new RegExp(`^http://[^/]+/storage/link/federated_attachment_${UUID}@[^/]+$`) }, learn: ({ headers }, known) => known.set('link', last(headers.location)) },
  { name: '§1.9 the list', request: 'GET /storage/link/', status: 200, answer: /^X-OCCI-Location: http:\/\/[^\n]+\/storage\/link\/{link}$/ },
  { name: '§1.9 one', request: 'GET /storage/link/{link}', isAwaited: true, status: 200, answer: [
    /^storagelink; scheme="http:\/\/schemas\.ogf\.org\/occi\/infrastructure#"; class="kind"/, /^X-OCCI-Attribute: occi\.core\.target="{volume}"$/m, /^X-OCCI-Attribute: occi\.core\.source="{linkedMachine}"$/m,
    /^X-OCCI-Attribute: occi\.storagelink\.deviceid="~\/dev\/vdc"$/m, /^X-OCCI-Attribute: occi\.storagelink\.provadingMemberId="{member}"$/m] },
  { name: '§1.9 the list, verbose', request: 'GET /storage/link/?verbose=true', status: 200, answer: /^X-OCCI-Location: http:\/\/[^\n]+\/storage\/link\/{link};occi\.core\.target={volume}; occi\.core\.source={linkedMachine}; occi\.storagelink\.deviceid=~\/dev\/vdc; / },
  { name: '§1.9 a volume that is attached stays', request: 'DELETE /storage/{volume}', status: 409, answer: /^The volume is in use by attachment [0-9a-f-]{36}; delete that first\.$/ },
  { name: '§1.9 so do all', request: 'DELETE /storage', status: 409, answer: /^Some are in use by [0-9a-f-]{36}; delete that first\.$/ },
  { name: '§1.8 a machine with a volume stays', request: 'DELETE /compute/{linkedMachine}', status: 400, answer: /^Remove operation aborted\. There are attachments in use\. Attachment IDs : [0-9a-f-]{36}$/ },
  { name: '§1.10 a network with a machine stays', request: 'DELETE /network/{network}', status: 409, answer: /^The network is in use by machine [0-9a-f-]{36}; delete that first\.$/ },
  { name: '§1.4 somebody else’s link', request: 'DELETE /storage/link/{link}', as: 'stranger', status: 404, answer: 'Resource not found.' },
  { name: '§1.9 DELETE of a link without its id', request: 'DELETE /storage/link/', status: 400, answer: IRREGULAR },
  { name: '§1.9 DELETE of one', request: 'DELETE /storage/link/{link}', status: 200, answer: 'Ok' },
  { name: '§1.9 then there are none', request: 'GET /storage/link/', isAwaited: true, status: 200, answer: 'There are not storage links.' },
  { name: '§1.8 then the machine can go', request: 'DELETE /compute/{linkedMachine}', status: 200, answer: 'Ok' },
  { name: '§1.10 then the network', request: 'DELETE /network/', status: 200, answer: 'Ok' },
  { name: '§1.9 and all volumes', request: 'DELETE /storage', status: 200, answer: 'Ok' },
  { name: '§1.10 nothing is left', request: 'GET /network', isAwaited: true, status: 200, answer: 'There are no network instances.' },
];

/** Volumes, networks and volumes in machines (spec §1.9, §1.10). In this order: later rows look at what earlier ones made. */
export const RESOURCES: readonly Row[] = [...volumes, ...networks, ...links];
