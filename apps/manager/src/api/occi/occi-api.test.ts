import type { AxiosInstance } from 'axios';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';

const ORDER = 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"';
const OLD_ORDER = 'fogbow_request; scheme="http://schemas.fogbowcloud.org/request#"; class="kind"';
const COMPUTE = 'compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"';
const TEMPLATE = 'my_os; scheme="http://example.org/os#"; class="mixin"; rel="http://schemas.ogf.org/occi/infrastructure#os_tpl"';
const SIZE = 'my_size; scheme="http://example.org/size#"; class="mixin"; rel="http://schemas.ogf.org/occi/infrastructure#resource_tpl"';
const KIND = 'org.fogbowcloud.order.resource-kind=compute';
const occi = (Category: string | string[], attributes?: string, more: Record<string, string> = {}): Record<string, string | string[]> =>
  ({ 'Content-Type': 'text/occi', Category, ...(attributes ? { 'X-OCCI-Attribute': attributes } : {}), ...more });

let manager: TestManager;
let alice: AxiosInstance;
let mallory: AxiosInstance;
beforeAll(async () => {
  manager = await startManager({ 'occi.extraResources': { my_os: 'ubuntu', my_size: 'Glue2vCPU >= 1' }, admins: ['alice'], 'http.publicUrl': 'http://cloud.example.org' });
  alice = manager.client();
  mallory = manager.client('mallory');
});
afterAll(() => manager.stop());

const get = async (path: string, headers: Record<string, string | string[]> = {}, client = alice) => await client.get<string>(path, { headers, responseType: 'text', transformResponse: (text: string) => text });
const order = async (attributes = KIND, categories: string | string[] = ORDER): Promise<string> => {
  const answer = await alice.post<string>('/order', '', { headers: occi(categories, attributes) });
  expect([answer.status, answer.data]).toEqual([201, 'Ok']);
  return String(answer.headers['location']).split('/').at(-1) ?? '';
};
const fulfilled = async (id: string): Promise<string> => {
  const text = await eventually(async () => (await get(`/order/${id}`)).data, (seen) => seen.includes('order.state="fulfilled"'));
  return /order\.instance-id="([^"]+)"/.exec(text)?.[1] ?? '';
};

describe('orders', () => {
  test('are spoken of in the names of 2014 to those who ask with them', async () => {
    const posted = await alice.post<string>('/fogbow_request', '', { headers: occi(OLD_ORDER, 'org.fogbowcloud.request.resource-kind=compute, org.openstack.credentials.publickey.data="ssh-ed25519 AAAA me"') });
    expect(posted.status).toBe(201);
    expect(posted.headers['location']).toMatch(/^http:\/\/cloud\.example\.org\/fogbow_request\/[0-9a-f-]{36}$/);
    const id = String(posted.headers['location']).split('/').at(-1) ?? '';
    const shown = (await get(`/fogbow_request/${id}`)).data;
    expect(shown).toContain('Category: fogbow_request; scheme="http://schemas.fogbowcloud.org/request#"; class="kind"');
    expect(shown).toContain('org.fogbowcloud.request.resource-kind="compute" ');
    expect(shown).not.toContain('org.fogbowcloud.order.');
    expect((await get(`/order/${id}`)).data).toContain('org.fogbowcloud.credentials.publickey.data="ssh-ed25519 AAAA me" ');
  });

  test('are narrowed by category and by attribute', async () => {
    const id = await order(`${KIND}, occi.core.title="narrow, \\"indeed\\""`, [ORDER, 'small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"']);
    const line = `X-OCCI-Location: http://cloud.example.org/order/${id}`;
    expect((await get('/order', { Category: 'small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"' })).data).toBe(line);
    expect((await get('/order', { 'X-OCCI-Attribute': 'occi.core.title="narrow, \\"indeed\\""' })).data).toBe(line);
    expect((await get('/order', { 'X-OCCI-Attribute': 'occi.core.title="wide"' }))).toMatchObject({ status: 200, data: 'There are not orders.' });
    expect((await get('/order', { Category: 'huge' }))).toMatchObject({ status: 400, data: 'The following category is not registered.' });
  });

  test('are told in every rendering', async () => {
    const id = await order(`${KIND}, occi.core.title="Grüße"`);
    expect((await get(`/order/${id}`)).data).toContain('occi.core.title="Grüße" ');
    const json = await get(`/order/${id}`, { Accept: 'application/occi+json' });
    expect(json.headers['content-type']).toContain('application/occi+json');
    expect(JSON.parse(json.data)).toMatchObject({ id: `urn:uuid:${id}`, kind: 'http://schemas.fogbowcloud.org/order#order', title: 'Grüße', attributes: { 'org.fogbowcloud.order.resource-kind': 'compute' } });
    const headers = await get(`/order/${id}`, { Accept: 'text/occi' });
    expect([headers.data, headers.headers['x-occi-attribute']]).toEqual(['Ok', expect.stringContaining(`occi.core.id="${id}"`)]);
    expect((await get('/order', { Accept: 'text/uri-list' })).data.split('\n')).toContain(`http://cloud.example.org/order/${id}`);
    expect((await get('/order', { Accept: 'text/occi', 'X-OCCI-Attribute': `occi.core.id=${id}` })).headers['x-occi-location']).toBe(`http://cloud.example.org/order/${id}`);
    expect((await alice.head(`/order/${id}`)).status).toBe(200);
  });

  test.each([
    ['text/*', 'text/plain'], ['application/*', 'application/occi+json'], ['text/plain;q=0.2, text/occi', 'text/occi'], ['application/occi+json, */*;q=0.1', 'application/occi+json'],
    ['image/gif, */*; q=.2', 'text/plain'], ['application/occi+json, */*', 'text/plain'], ['text/plain;q=0', 'none'], ['text/plain;q=0, text/uri-list', 'text/uri-list'], [',', 'text/plain'],
  ])('are told to those who accept %s as %s', async (Accept, type) => {
    const { status, headers } = await get('/order', { Accept });
    expect(status === 406 ? 'none' : String(headers['content-type']).split(';')[0]).toBe(type);
  });

  test('are taken from a JSON body of OCCI 1.2', async () => {
    const body = { kind: 'http://schemas.fogbowcloud.org/order#order', mixins: ['http://schemas.fogbowcloud.org/template/resource#small'], title: 'json', attributes: { 'org.fogbowcloud.order.resource-kind': 'compute', 'org.fogbowcloud.order.instance-count': 2 } };
    const answer = await alice.post<string>('/order', JSON.stringify(body), { headers: { 'Content-Type': 'application/occi+json' } });
    expect(answer.status).toBe(201);
    expect(String(answer.headers['location']).split(',')).toHaveLength(2);
  });
});

describe('computes', () => {
  test('are the machines of orders, and gone with their removal', async () => {
    const name = await fulfilled(await order());
    expect((await get('/compute')).data).toContain(`X-OCCI-Location: http://cloud.example.org/compute/${name}`);
    const shown = (await get(`/compute/${name}`)).data;
    expect(shown).toMatch(/^Category: compute; scheme="http:\/\/schemas.ogf.org\/occi\/infrastructure#"; class="kind"/);
    expect(shown).toContain('X-OCCI-Attribute: occi.compute.state="active"');
    expect(shown).toContain('X-OCCI-Attribute: occi.compute.cores="1"');
    expect(shown).not.toContain('00:0a');
    expect(await get(`/compute/${name}`, {}, mallory)).toMatchObject({ status: 401, data: 'Unauthorized user.', headers: { 'www-authenticate': 'Fogbow-Token' } });
    expect((await alice.delete<string>(`/compute/${name}`)).data).toBe('Ok');
    expect((await get(`/compute/${name}`)).status).toBe(404);
    await eventually(async () => (await manager.control.get<{ id: string }[]>('/instances')).data, (machines) => machines.every(({ id }) => !name.startsWith(`${id}@`)));
  });

  test('of persistent orders come again', async () => {
    const id = await order(`${KIND}, org.fogbowcloud.order.type=persistent`);
    const name = await fulfilled(id);
    await alice.delete(`/compute/${name}`);
    expect(await eventually(() => fulfilled(id), (again) => again !== name)).toMatch(/@manager\.test\.local$/);
    await alice.delete(`/order/${id}`);
  });

  test('are asked for by plain OCCI clients through the map of the operator', async () => {
    const posted = await alice.post<string>('/compute', '', { headers: occi([COMPUTE, TEMPLATE, SIZE], 'occi.core.title=mine') });
    expect([posted.status, posted.headers['location']]).toEqual([201, expect.stringMatching(/^http:\/\/cloud\.example\.org\/compute\/federated_instance_[0-9a-f-]{36}$/)]);
    const path = new URL(String(posted.headers['location'])).pathname;
    await eventually(async () => (await get(path)).data, (text) => text.includes('occi.compute.state="active"'));
    expect((await get('/compute')).data).toContain(path);
    expect(await get(path, {}, mallory)).toMatchObject({ status: 404 });
    const plain = await alice.post<string>('/compute', '', { headers: occi([COMPUTE, TEMPLATE], undefined, { Accept: 'text/plain' }) });
    expect([plain.data, plain.headers['location']]).toEqual([expect.stringMatching(/^X-OCCI-Location: http/), undefined]);
    for (const name of [path, new URL(plain.data.slice(17)).pathname]) {
      await alice.delete(name);
      await eventually(() => get(name), ({ status }) => status === 404);
    }
  });

  test.each([
    ['no template', [COMPUTE], 400, 'Please provide a valid OS Template.'],
    ['two templates', [COMPUTE, TEMPLATE, TEMPLATE], 400, 'Please provide a valid OS Template.'],
    ['a template without meaning', [COMPUTE, TEMPLATE.replace('my_os', 'constructor')], 400, 'There is not any property specified at manager conf file for OCCI resource: constructor'],
    ['no kind', [TEMPLATE], 400, 'Irregular Syntax.'],
    ['an odd mixin', [COMPUTE, TEMPLATE, 'odd; scheme="x#"; class="mixin"'], 400, 'The cloud does not support category: odd'],
  ])('with %s are refused', async (_name, categories, status, text) => {
    expect(await alice.post<string>('/compute', '', { headers: occi(categories) })).toMatchObject({ status, data: text });
  });

  test('are stopped and started where the cloud can', async () => {
    const name = await fulfilled(await order());
    const action = (term: string): Record<string, string | string[]> => occi(`${term}; scheme="http://schemas.ogf.org/occi/infrastructure/compute/action#"; class="action"`);
    expect(await alice.post<string>(`/compute/${name}?action=stop`, '', { headers: action('stop') })).toMatchObject({ status: 200, data: 'Ok' });
    expect(await alice.post<string>(`/compute/${name}?action=start`, '', { headers: action('start') })).toMatchObject({ status: 200 });
    const byJson = (body: object): Promise<{ status: number }> => alice.post(`/compute/${name}?action=stop`, body, { headers: { 'Content-Type': 'application/occi+json' } });
    expect((await byJson({ action: 'http://schemas.ogf.org/occi/infrastructure/compute/action#stop', attributes: { method: 'graceful' } })).status).toBe(200);
    expect((await byJson({ action: 'http://schemas.ogf.org/occi/infrastructure/compute/action#start' })).status).toBe(400);
    expect((await byJson({ kind: 'x#y' })).status).toBe(400);
    expect(await alice.post<string>(`/compute/${name}?action=fly`, '', { headers: action('fly') })).toMatchObject({ status: 400 });
    expect(await alice.post<string>(`/compute/${name}`, '', { headers: action('stop') })).toMatchObject({ status: 405, data: 'Method not supported.' });
    expect(await mallory.post<string>(`/compute/${name}?action=stop`, '', { headers: action('stop') })).toMatchObject({ status: 401 });
  });
});

describe('members and categories', () => {
  test('members, quota, usage and accounting', async () => {
    expect(await get('/member')).toMatchObject({ status: 400, data: 'Irregular Syntax.' });
    expect((await get('/member', { 'Content-Type': 'text/occi' })).status).toBe(200);
    expect((await get('/member/manager.test.local/quota')).data.split('\n').map((line) => line.replace(/=\d+$/, ''))).toEqual(
      ['cpuQuota', 'cpuInUse', 'cpuInUseByUser', 'memQuota', 'memInUse', 'memInUseByUser', 'instancesQuota', 'instancesInUse', 'instancesInUseByUser'].map((name) => `X-OCCI-Attribute: ${name}`));
    expect(await get('/member/nobody.example/quota/')).toMatchObject({ status: 404 });
    expect((await get('/member/manager.test.local/usage')).data).toMatch(/^X-OCCI-Attribute: memberId=manager\.test\.local\nX-OCCI-Attribute: compute usage=\d+\.\d+\nX-OCCI-Attribute: storage usage=0\.0$/);
    await fulfilled(await order());
    expect((await get('/member/accounting/compute')).data).toMatch(/^<<FORMAT: USER; REQUESTING MEMBER; PROVIDING MEMBER; USAGE>>\nalice; manager\.test\.local; manager\.test\.local; \d+\.\d+$/);
    expect((await get('/member/accounting')).data).toMatch(/^<<FORMAT: /);
    expect(await get('/member/accounting/storage')).toMatchObject({ data: 'There is not accounting information.' });
    expect(JSON.parse((await get('/member/accounting/compute', { Accept: 'application/json' })).data)).toMatchObject({ accounting: [{ user: 'alice' }] });
    expect(await get('/member/accounting/compute', {}, mallory)).toMatchObject({ status: 403 });
  });

  test.each(['/-/', '/.well-known/org/ogf/occi/-/'])('%s tells what there is', async (path) => {
    const all = await get(path);
    expect(all.data).toMatch(/^\nCategory: resource; scheme="http:\/\/schemas\.ogf\.org\/occi\/core#"; class="kind"\n/);
    expect(all.data).toContain('Category: small; scheme="http://schemas.fogbowcloud.org/template/resource#"; class="mixin"; title="small flavor"; rel="http://schemas.ogf.org/occi/infrastructure#resource_tpl"; location="http://cloud.example.org/small/"');
    expect((await alice.head(path)).status).toBe(200);
    const narrowed = await get(path, { Category: 'resource_tpl; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="mixin"' });
    expect(narrowed.data.trim().split('\n').map((line) => line.split(';')[0])).toEqual(['Category: resource_tpl', 'Category: small', 'Category: large']);
    expect(await get(path, { Category: 'x; scheme="y#"; class="kind"' })).toMatchObject({ status: 400 });
    const header = await get(path, { Accept: 'text/occi' });
    expect([header.data, header.headers['category']]).toEqual(['Ok', expect.stringContaining('fogbow_public_key; scheme="http://schemas.fogbowcloud/credentials#"; class="mixin"')]);
    expect(JSON.parse((await get(path, { Accept: 'application/occi+json' })).data)).toMatchObject({ kinds: expect.arrayContaining([expect.objectContaining({ term: 'order' })]), actions: expect.any(Array) });
  });

  test.each([
    ['a title beyond measure', `${KIND}, occi.core.title=${'x'.repeat(201)}`, 'title may have 200 characters.'],
    ['a year that no database has', `${KIND}, org.fogbowcloud.order.valid-until=0000-01-01`, 'Times must be in the years 1 to 9999.'],
  ])('%s is refused', async (_name, attributes, data) => expect(await alice.post<string>('/order', '', { headers: occi(ORDER, attributes) })).toMatchObject({ status: 400, data }));

  test('what is not offered says so', async () => {
    expect(await get('/token', { 'Content-Type': 'text/occi', username: 'a' })).toMatchObject({ status: 405 });
    expect(await get('/token', { 'Content-Type': 'text/occi' })).toMatchObject({ headers: { allow: '' } });
    for (const path of ['/order/a/b', '/compute/a/b/', '/-/x', '/member/x', '/member/x/y', '/token/x']) expect([path, (await get(path)).status]).toEqual([path, 404]);
    expect(await alice.post<string>('/compute/x', '')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, POST, DELETE' } });
    expect(await alice.post<string>('/member/x/quota', '')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    expect(await alice.put<string>('/order', '')).toMatchObject({ status: 405, data: 'Method not supported.', headers: { allow: 'GET, HEAD, POST, DELETE' } });
  });
});
