import type { AxiosInstance } from 'axios';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';

const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
const kind = (term: string): string => `${term}; scheme="${INFRASTRUCTURE}"; class="kind"`;
const ORDER = 'order; scheme="http://schemas.fogbowcloud.org/order#"; class="kind"';
const TEMPLATE = `my_os; scheme="http://example.org/os#"; class="mixin"; rel="${INFRASTRUCTURE}os_tpl"`;
const ROOT = 'http://cloud.example.org';

let manager: TestManager;
let alice: AxiosInstance;
let mallory: AxiosInstance;
beforeAll(async () => {
  manager = await startManager({ 'occi.extraResources': { my_os: 'ubuntu' }, 'http.publicUrl': ROOT });
  alice = manager.client();
  mallory = manager.client('mallory');
});
afterAll(() => manager.stop());

const text = { responseType: 'text', transformResponse: (body: string) => body } as const;
const get = async (path: string, client = alice, headers: Record<string, string> = {}) => await client.get<string>(path, { ...text, headers });
const occi = (Category: string | string[], attributes = '', more: Record<string, string> = {}) =>
  ({ ...text, headers: { 'Content-Type': 'text/occi', Category, ...(attributes ? { 'X-OCCI-Attribute': attributes } : {}), ...more } });
const post = async (path: string, category: string | string[], attributes = '', more: Record<string, string> = {}, client = alice) => await client.post<string>(path, '', occi(category, attributes, more));
const made = async (...parameters: Parameters<typeof post>): Promise<string> => {
  const answer = await post(...parameters);
  expect([answer.status, answer.data]).toEqual([201, 'Ok']);
  return String(answer.headers['location']).slice(ROOT.length);
};
const until = async (path: string, part: string): Promise<string> => (await eventually(() => get(path), ({ data }) => data.includes(part))).data;
const NETWORK = 'occi.network.address="10.30.0.5/24", occi.network.gateway=10.30.0.1, occi.network.allocation=dynamic';
const lastOf = (path: string): string => path.split('/').at(-1) ?? '';

describe('volumes and their links', () => {
  test('live and go as spec §1.9 has it', async () => {
    expect([(await get('/storage/')).data, (await get('/storage/link/')).data]).toEqual(['There are no storage instances.', 'There are not storage links.']);
    const volume = await made('/storage', kind('storage'), 'occi.storage.size=2, occi.core.title=data');
    expect(volume).toMatch(/^\/storage\/federated_storage_[0-9a-f-]{36}$/);
    const shown = await until(volume, 'occi.storage.status="active"');
    expect(shown.split('\n').slice(1)).toEqual(['X-OCCI-Attribute: occi.storage.name="data"', 'X-OCCI-Attribute: occi.storage.status="active"', 'X-OCCI-Attribute: occi.storage.size="2"', `X-OCCI-Attribute: occi.core.id="${lastOf(volume)}"`]);
    expect((await get('/storage/')).data).toBe(`X-OCCI-Location: ${ROOT}${volume}`);
    const machine = await made('/compute/', [kind('compute'), TEMPLATE], '', { Accept: 'text/occi' });
    const link = await made('/storage/link/', kind('storagelink'), `occi.core.source=${lastOf(machine)}, occi.core.target=${lastOf(volume)}`);
    expect(link).toMatch(/^\/storage\/link\/federated_attachment_[0-9a-f-]{36}(?:@manager\.test\.local)?$/);
    const id = lastOf(link).slice('federated_attachment_'.length).split('@')[0] ?? '';
    await until(link, 'provadingMemberId="manager.test.local"');
    const attributes = [['occi.core.target', lastOf(volume)], ['occi.core.source', lastOf(machine)], ['occi.storagelink.deviceid', '/dev/vdc'], ['occi.storagelink.provadingMemberId', 'manager.test.local']];
    const lines = (await get(link)).data.split('\n');
    expect([lines[0]?.startsWith('storagelink; scheme='), lines.slice(1)]).toEqual([true, attributes.map(([name, value]) => `X-OCCI-Attribute: ${name}="${value}"`)]);
    expect((await get('/storage/link/?verbose=true')).data)
      .toBe(`X-OCCI-Location: ${ROOT}/storage/link/federated_attachment_${id}@manager.test.local;${attributes.map(([name, value]) => `${name}=${value};`).join(' ')} `);
    await eventually(() => alice.get<{ state: string }>(`/v1/attachments/${id}`), ({ data }) => data.state === 'fulfilled');
    expect(await alice.delete<string>(machine, text)).toMatchObject({ status: 400, data: `Remove operation aborted. There are attachments in use. Attachment IDs : ${id}` });
    expect(await alice.delete<string>('/compute', text)).toMatchObject({ status: 400, data: `Remove operation aborted. There are attachments in use. Attachment IDs : ${id}` });
    expect(await alice.delete<string>(volume, text)).toMatchObject({ status: 409, data: expect.stringContaining(id) as string });
    // One that waits for the same volume has its whole name all the while.
    const waiting = await made('/storage/link/', kind('storagelink'), `occi.core.source=${lastOf(machine)}, occi.core.target=${lastOf(volume)}`);
    expect((await get('/storage/link/')).data.split('\n')).toContain(`X-OCCI-Location: ${ROOT}${waiting}`);
    expect(await alice.delete<string>(waiting, text)).toMatchObject({ status: 200 });
    expect(await get(link, mallory)).toMatchObject({ status: 404 });
    expect(await mallory.delete<string>(link, text)).toMatchObject({ status: 404 });
    for (const path of [link, machine, volume]) expect(await alice.delete<string>(path, text)).toMatchObject({ status: 200, data: 'Ok' });
    await eventually(() => get('/storage/'), ({ data }) => data === 'There are no storage instances.');
  });

  test.each([
    ['without a size', '/storage', kind('storage'), '', 400, 'Storage size not found.'],
    ['with a size that is none', '/storage', kind('storage'), 'occi.storage.size=0', 400, 'There are unsupported attributes in the request.'],
    ['of another category', '/storage', kind('network'), 'occi.storage.size=1', 400, 'Irregular Syntax.'],
    ['of a link without its ends', '/storage/link/', kind('storagelink'), 'occi.core.source=x', 400, 'There are unsupported attributes in the request.'],
    ['of a link between unknown ends', '/storage/link/', kind('storagelink'), 'occi.core.source=x@y, occi.core.target=z@y', 404, 'Instance(compute/storage) not found..'],
    ['of a network without addresses', '/network/', kind('network'), '', 400, 'Network address with invalid value'],
    ['of a network without a gateway', '/network/', kind('network'), 'occi.network.address=10.0.0.0/24', 400, 'Network gateway with invalid value'],
    ['of a network without a way', '/network/', kind('network'), 'occi.network.address=10.0.0.0/24, occi.network.gateway=10.0.0.1', 400, 'Network allocation with invalid value'],
  ])('an order %s is refused', async (_name, path, category, attributes, status, data) => expect(await post(path, category, attributes)).toMatchObject({ status, data }));

  test('an order of kind storage names its size', async () => {
    const path = await made('/order', ORDER, 'org.fogbowcloud.order.resource-kind=storage, org.fogbowcloud.order.storage-size=3');
    const shown = await until(path, 'state="fulfilled"');
    expect(shown).toContain('org.fogbowcloud.order.storage-size="3"');
    const name = /instance-id="([^"]+)"/.exec(shown)?.[1] ?? '';
    expect((await get(`/storage/${name}`)).data).toContain(`occi.core.id="${name}"`);
    expect(await get(`/storage/${name}`, mallory)).toMatchObject({ status: 401, data: 'Unauthorized user.' });
    expect(await get(`/network/${name}`)).toMatchObject({ status: 404 });
    await alice.delete(path);
  });
});

describe('networks', () => {
  test('are joined by links, and go when nothing is on them', async () => {
    const network = await made('/network/', kind('network'), NETWORK);
    expect(network).toMatch(/^\/network\/federated_network_[0-9a-f-]{36}$/);
    const shown = await until(network, 'occi.network.state="active"');
    for (const part of ['occi.network.address="10.30.0.0/24"', 'occi.network.gateway="10.30.0.1"', 'occi.network.allocation="dynamic"', 'occi.networkinterface.mac="Not defined"']) expect(shown).toContain(part);
    const Link = `<${network}>; rel="${INFRASTRUCTURE}network"; category="${INFRASTRUCTURE}networkinterface"`;
    const order = await made('/order', ORDER, 'org.fogbowcloud.order.resource-kind=compute', { Link });
    const machine = await made('/compute/', [kind('compute'), TEMPLATE], '', { Accept: 'text/occi', Link });
    expect(await until(order, 'state="fulfilled"')).toContain(`org.fogbowcloud.order.network-id="${lastOf(network)}"`);
    expect(await until(machine, 'occi.compute.state="active"')).toMatch(new RegExp(`^Link: <${network}>; .*occi\\.networkinterface\\.address="10\\.30\\.0\\.\\d+"`, 'm'));
    expect(await alice.delete<string>(network, text)).toMatchObject({ status: 409 });
    expect(await post('/compute/', [kind('compute'), TEMPLATE], '', { Link }, mallory)).toMatchObject({ status: 404 });
    for (const path of [order, machine, network]) expect(await alice.delete<string>(path, text)).toMatchObject({ status: 200 });
    await eventually(() => get('/network/'), ({ data }) => data === 'There are no network instances.');
  });
});

test('a stopped machine is inactive, a suspended one suspended', async () => {
  const machine = await made('/compute/', [kind('compute'), TEMPLATE], '', { Accept: 'text/occi' });
  await until(machine, 'occi.compute.state="active"');
  for (const [action, state] of [['suspend', 'suspended'], ['start', 'active'], ['stop', 'inactive']] as const) {
    expect(await post(`${machine}?action=${action}`, `${action}; scheme="${INFRASTRUCTURE.replace('#', '/')}compute/action#"; class="action"`)).toMatchObject({ status: 200 });
    await until(machine, `occi.compute.state="${state}"`);
  }
  await alice.delete(machine);
});
