import fc from 'fast-check';
import type { FederationMessage } from '../federation-message.js';
import type { XmlElement } from '../xml/element.js';
import { readXml } from '../xml/read-xml.js';
import { serialise } from '../xml/serialise.js';
import { GETINSTANCE } from './getinstance.js';
import { GETREMOTEUSERQUOTA } from './getremoteuserquota.js';
import { IAMALIVE } from './iamalive.js';
import { INSTANCEACTION } from './instanceaction.js';
import { INSTANCEBEINGUSED } from './instancebeingused.js';
import { ORDER } from './order.js';
import { ORDERSTATE } from './orderstate.js';
import { REMOVEINSTANCE } from './removeinstance.js';
import { REMOVEORDER } from './removeorder.js';
import { REMOVESTORAGELINK } from './removestoragelink.js';
import { STORAGELINK } from './storagelink.js';
import { SYNCH_WHOISALIVE } from './synch-whoisalive.js';
import { WHOISALIVE } from './whoisalive.js';

const wire = (query: XmlElement | undefined): XmlElement | undefined => query && readXml(serialise(query, 'jabber:component:accept'));

const id = fc.stringMatching(/^[a-z0-9@.-]{1,30}$/);
const count = fc.nat();
const text = fc.string({ unit: 'binary', maxLength: 20 })
  .filter((value) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/u.test(value));
const bag = fc.dictionary(fc.oneof(id, fc.constant('__proto__'), fc.constant('constructor')), text, { noNullPrototype: true });
const some = <Shape>(model: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }, requiredKeys: (keyof Shape)[]) => fc.record(model, { requiredKeys: requiredKeys as never });
const empty = fc.constant({});
const category = fc.record({ term: id, scheme: id, class: id });
const resource = fc.record({ idle: count, inUse: count, inUseByUser: count });
const status = some({ cpuIdle: id, cpuInUse: id, memIdle: id, memInUse: id, instancesIdle: id, instancesInUse: id }, ['cpuIdle']);
const pageQuery = some({ max: count, after: id, before: fc.oneof(id, fc.constant('')), index: count }, []);
/** Only a page that holds something has a place. */
const page = <Member>(member: fc.Arbitrary<Member>) => some({ members: fc.array(member, { minLength: 1 }), total: count, index: count }, ['members', 'total']);
const token = fc.record({ accessId: text, userId: text, userName: text });

type Case = [message: FederationMessage<never, never>, request: fc.Arbitrary<unknown>, reply: fc.Arbitrary<unknown>];
const CASES: Record<string, Case> = {
  iamalive: [IAMALIVE, some({ certificate: id, status }, []), some({ periodMs: count }, [])],
  whoisalive: [WHOISALIVE, pageQuery, page(some({ id, certificate: id, status, updated: id }, ['id']))],
  'synch-whoisalive': [SYNCH_WHOISALIVE, pageQuery, page(some({ id, quietForMs: count, timeoutMs: count, certificate: id, status }, ['id', 'quietForMs']))],
  order: [ORDER, some({ id, attempt: count, attributes: bag, categories: fc.array(category), token }, ['id', 'attributes', 'categories']), fc.record({ instanceId: id })],
  getinstance: [GETINSTANCE, fc.record({ instanceId: id }), some({ instanceId: id, state: fc.constantFrom('RUNNING', 'FAILED'), attributes: bag }, ['instanceId', 'attributes'])],
  removeinstance: [REMOVEINSTANCE, fc.record({ instanceId: id }), empty],
  removeorder: [REMOVEORDER, some({ orderId: id, attempt: count, accessId: id }, ['orderId']), empty],
  storagelink: [STORAGELINK, some({ instanceId: id, volumeId: id, device: id, order: fc.record({ id, attempt: count }), token }, ['instanceId', 'volumeId']), fc.record({ attachmentId: id })],
  removestoragelink: [REMOVESTORAGELINK, some({ attachmentId: id, instanceId: id, volumeId: id, order: fc.record({ id, attempt: count }) }, []), empty],
  getremoteuserquota: [GETREMOTEUSERQUOTA, fc.record({ token }), fc.record({ member: id, cpu: resource, instances: resource, mem: resource })],
  orderstate: [ORDERSTATE, some({ order: fc.record({ id, attempt: count }), state: id, reason: id }, ['order', 'state']), empty],
  instanceaction: [INSTANCEACTION, fc.record({ instanceId: id, action: id }), empty],
  instancebeingused: [INSTANCEBEINGUSED, some({ orderId: id, instanceId: id }, ['orderId']), empty],
} as unknown as Record<string, Case>;

describe.each(Object.entries(CASES))('%s', (name, [message, request, reply]) => {
  it('is named in the catalogue as it is on the wire', () => expect([message.name, message.namespace.replace(/.*\/(rendezvous|manager)\//, '').replace('/', '-')]).toEqual([name, name]));
  it('comes back as it went out', () => {
    fc.assert(fc.property(request, (value) => expect(message.decodeRequest(wire(message.encodeRequest(value as never)) as XmlElement)).toEqual(value)), { numRuns: 50 });
    fc.assert(fc.property(reply, (value) => expect(message.decodeReply(wire(message.encodeReply(value as never)))).toEqual(value)), { numRuns: 50 });
  });
});

const NS = 'http://fogbowcloud.org';
const sample = (message: { namespace: string }, inside: string): string => `<query xmlns="${message.namespace}">${inside}</query>`;

describe('what is written', () => {
  it.each<[string, XmlElement | undefined, string]>([
    ['iamalive', IAMALIVE.encodeRequest({}), `<query xmlns="${NS}/rendezvous/iamalive"/>`],
    ['iamalive reply', IAMALIVE.encodeReply({ periodMs: 30_000 }), sample(IAMALIVE, '<iamalive-period>30000</iamalive-period>')],
    ['whoisalive', WHOISALIVE.encodeRequest({}), `<query xmlns="${NS}/rendezvous/whoisalive"/>`],
    ['whoisalive page', WHOISALIVE.encodeRequest({ max: 100, after: 'a.b' }), sample(WHOISALIVE, '<set><max>100</max><after>a.b</after></set>')],
    ['whoisalive reply', WHOISALIVE.encodeReply({ members: [{ id: 'a', certificate: 'QQ==' }, { id: 'b' }], total: 7 }),
      sample(WHOISALIVE, '<item id="a"><cert>QQ==</cert></item><item id="b"/><set xmlns="http://jabber.org/protocol/rsm"><first>a</first><last>b</last><count>7</count></set>')],
    ['whoisalive from the end', WHOISALIVE.encodeRequest({ max: 9, before: '' }), sample(WHOISALIVE, '<set><max>9</max><before/></set>')],
    ['whoisalive of the second page', WHOISALIVE.encodeReply({ members: [{ id: 'b' }], total: 2, index: 1 }),
      sample(WHOISALIVE, '<item id="b"/><set xmlns="http://jabber.org/protocol/rsm"><first index="1">b</first><last>b</last><count>2</count></set>')],
    ['whoisalive without items', WHOISALIVE.encodeReply({ members: [], total: 7 }), sample(WHOISALIVE, '<set xmlns="http://jabber.org/protocol/rsm"><count>7</count></set>')],
    ['whoisalive of 2015', WHOISALIVE.encodeReply({ members: [{ id: 'a', status: { cpuIdle: '4', memInUse: '512' }, updated: '2015-11-01T00:00:00.000Z' }], total: 1 }),
      sample(WHOISALIVE, '<item id="a"><status><cpu-idle>4</cpu-idle><mem-inuse>512</mem-inuse><updated>2015-11-01T00:00:00.000Z</updated></status></item>'
        + '<set xmlns="http://jabber.org/protocol/rsm"><first>a</first><last>a</last><count>1</count></set>')],
    ['synch', SYNCH_WHOISALIVE.encodeRequest({ max: 100, after: 'a' }), sample(SYNCH_WHOISALIVE, '<managers><set><max>100</max><after>a</after></set></managers>')],
    ['synch reply', SYNCH_WHOISALIVE.encodeReply({ members: [{ id: 'a', quietForMs: 5, timeoutMs: 540_000, certificate: 'QQ==' }], total: 1, index: 0 }),
      sample(SYNCH_WHOISALIVE, '<managers><manager id="a"><cert>QQ==</cert><status><timeout>540000</timeout><quiet-for>5</quiet-for></status></manager>'
        + '<set xmlns="http://jabber.org/protocol/rsm"><first index="0">a</first><last>a</last><count>1</count></set></managers>')],
    ['order', ORDER.encodeRequest({ id: 'o', attempt: 1, attributes: { k: 'v' }, categories: [{ term: 't', scheme: 's', class: 'c' }], token: { accessId: 'x', userId: 'u', userName: 'n' } }),
      `<query xmlns="${NS}/manager/order"><category><class>c</class><term>t</term><scheme>s</scheme></category><attribute var="k"><value>v</value></attribute>`
      + '<attribute var="org.fogbowcloud.order.attempt"><value>1</value></attribute><order><id>o</id></order>'
      + '<token><accessId>x</accessId><user><id>u</id><name>n</name></user></token></query>'],
    ['order reply', ORDER.encodeReply({ instanceId: 'i' }), sample(ORDER, '<instance><id>i</id></instance>')],
    ['getinstance', GETINSTANCE.encodeRequest({ instanceId: 'i' }), sample(GETINSTANCE, '<instance><id>i</id></instance>')],
    ['getinstance reply', GETINSTANCE.encodeReply({ instanceId: 'i', attributes: { k: 'v' } }),
      sample(GETINSTANCE, '<instance><state>null</state><id>i</id><attribute val="k">v</attribute></instance>')],
    ['removeorder', REMOVEORDER.encodeRequest({ orderId: 'o', attempt: 3, accessId: 'x' }),
      sample(REMOVEORDER, '<order><id>o</id></order><token><accessId>x</accessId></token><attempt>3</attempt>')],
    ['instancebeingused', INSTANCEBEINGUSED.encodeRequest({ orderId: 'o', instanceId: 'i@b' }), sample(INSTANCEBEINGUSED, '<order><id>o</id></order><instance><id>i@b</id></instance>')],
  ])('%s', (_name, query, xml) => expect(query && serialise(query)).toBe(xml));
});

describe('what originals write', () => {
  it('a <set> without <max>', () => expect(WHOISALIVE.decodeRequest(readXml(sample(WHOISALIVE, '<set/>')))).toEqual({}));
  it('a list without <set>', () => expect(WHOISALIVE.decodeReply(readXml(sample(WHOISALIVE, '<item id="a"/>')))).toEqual({ members: [{ id: 'a' }], total: 1 }));
  it('a page that stands nowhere', () => expect(WHOISALIVE.decodeReply(readXml(sample(WHOISALIVE, '<item id="a"/><set><first index="x">a</first><count>3</count></set>')))).toEqual({ members: [{ id: 'a' }], total: 3 }));
  it.each(['', ' xmlns="http://jabber.org/protocol/rsm"'])('a <set%s>', (namespace) => {
    expect(WHOISALIVE.decodeRequest(readXml(sample(WHOISALIVE, `<set${namespace}><max>5</max><after/><before/></set>`)))).toEqual({ max: 5, before: '' });
    expect(SYNCH_WHOISALIVE.decodeRequest(readXml(sample(SYNCH_WHOISALIVE, `<managers><set${namespace}><max>5</max><after>a</after></set></managers>`)))).toEqual({ max: 5, after: 'a' });
  });
  it('a heartbeat of 2015', () => {
    const xml = '<status><cpu-idle>4</cpu-idle><cpu-inuse> 2 </cpu-inuse><mem-idle/></status>';
    expect(IAMALIVE.decodeRequest(readXml(sample(IAMALIVE, xml)))).toEqual({ status: { cpuIdle: '4', cpuInUse: '2' } });
  });
  it('a gossip with neighbours and a clock that was set back', () => {
    const xml = '<neighbors><neighbor><id>n</id></neighbor></neighbors><managers><manager id="a"><status><quiet-for>-30</quiet-for></status></manager></managers>';
    expect(SYNCH_WHOISALIVE.decodeReply(readXml(sample(SYNCH_WHOISALIVE, xml)))).toEqual({ members: [{ id: 'a', quietForMs: 0 }], total: 1 });
    expect(SYNCH_WHOISALIVE.decodeReply(undefined)).toEqual({ members: [], total: 0 });
  });
  it('an instance with links and resources', () => {
    const xml = '<instance><state>RUNNING</state><id>i</id><link><link>l</link><attribute val="x">y</attribute></link>'
      + '<resource><category><term>t</term></category><attribute val="z"/></resource><attribute val="k">v</attribute></instance>';
    expect(GETINSTANCE.decodeReply(readXml(sample(GETINSTANCE, xml)))).toEqual({ instanceId: 'i', state: 'RUNNING', attributes: { k: 'v' } });
  });
  it('white space between elements', () => {
    expect(REMOVEORDER.decodeRequest(readXml(sample(REMOVEORDER, '\n <order>\n <id> o </id></order> <token/> ')))).toEqual({ orderId: 'o' });
  });
});

describe('what is refused', () => {
  it.each<[string, () => unknown]>([
    ['an order without id', () => ORDER.decodeRequest(readXml(sample(ORDER, '<order/>')))],
    ['an attribute without name', () => ORDER.decodeRequest(readXml(sample(ORDER, '<order><id>o</id></order><attribute/>')))],
    ['a category without term', () => ORDER.decodeRequest(readXml(sample(ORDER, '<order><id>o</id></order><category/>')))],
    ['an attempt that is no number', () => REMOVEORDER.decodeRequest(readXml(sample(REMOVEORDER, '<order><id>o</id></order><attempt>-1</attempt>')))],
    ['an instance whose id is two lines', () => ORDER.decodeReply(readXml(sample(ORDER, '<instance><id>i&#10;X-OCCI-Location: there</id></instance>')))],
    ['an instance whose id is a novel', () => ORDER.decodeReply(readXml(sample(ORDER, `<instance><id>${'i'.repeat(257)}</id></instance>`)))],
    ['a report on an instance whose id has blanks', () => GETINSTANCE.decodeReply(readXml(sample(GETINSTANCE, '<instance><id>i i</id></instance>')))],
    ['an attachment whose id has blanks', () => STORAGELINK.decodeReply(readXml(sample(STORAGELINK, '<attachment><id>i i</id></attachment>')))],
    ['an empty answer to getinstance', () => GETINSTANCE.decodeReply(undefined)],
    ['a page size that is no number', () => WHOISALIVE.decodeRequest(readXml(sample(WHOISALIVE, '<set><max>1e9</max></set>')))],
    ['a status that is a novel', () => IAMALIVE.decodeRequest(readXml(sample(IAMALIVE, `<status><cpu-idle>${'9'.repeat(40)}</cpu-idle></status>`)))],
    ['a heard member without silence', () => SYNCH_WHOISALIVE.decodeReply(readXml(sample(SYNCH_WHOISALIVE, '<managers><manager id="a"/></managers>')))],
    ['a silence that is no number', () => SYNCH_WHOISALIVE.decodeReply(readXml(sample(SYNCH_WHOISALIVE, '<managers><manager id="a"><status><quiet-for>1e3</quiet-for></status></manager></managers>')))],
    ['a heard member without id', () => SYNCH_WHOISALIVE.decodeReply(readXml(sample(SYNCH_WHOISALIVE, '<managers><manager/></managers>')))],
    ['a member without id', () => WHOISALIVE.decodeReply(readXml(sample(WHOISALIVE, '<item/>')))],
  ])('%s', (_what, decode) => expect(decode).toThrow(expect.objectContaining({ code: 'bad-syntax' })));
});
