import type { AxiosInstance } from 'axios';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';

/** What only clients that speak the JSON of OCCI 1.2 use, such as another Manager whose cloud this one is. */

const INFRASTRUCTURE = 'http://schemas.ogf.org/occi/infrastructure#';
const IMAGE = 'http://schemas.fogbowcloud.org/template/os#ubuntu';
const PREFIX = 'org.fogbowcloud.order.';

interface Shown { readonly id: string; readonly title?: string; readonly attributes: Readonly<Record<string, string>> }

let manager: TestManager;
let alice: AxiosInstance;
beforeAll(async () => {
  manager = await startManager({}, { maxInstances: 1 });
  alice = manager.client();
});
afterAll(() => manager.stop());

const post = async (path: string, kind: string, { mixins = [], attributes = {}, key, title }: { mixins?: string[]; attributes?: Record<string, string>; key?: string; title?: string }) =>
  await alice.post<string>(path, { kind: INFRASTRUCTURE + kind, mixins, attributes, ...(title ? { title } : {}) }, {
    headers: { 'Content-Type': 'application/occi+json', Accept: 'text/occi, text/plain;q=0.5', ...(key ? { 'Idempotency-Key': key } : {}) },
  });
const placeOf = async (...given: Parameters<typeof post>): Promise<string> => {
  const { status, headers } = await post(...given);
  expect(status).toBe(201);
  return new URL(String(headers['location'])).pathname;
};
const show = async (path: string) => (await alice.get<Shown>(path, { headers: { Accept: 'application/occi+json' } })).data;
const machine = { mixins: [IMAGE], attributes: { 'occi.compute.cores': '2', 'occi.compute.memory': '0.5', 'occi.compute.ephemeral_storage.size': '1' } };

test('a machine is asked for by its size and an image, and its order tells about it', async () => {
  const first = await placeOf('/compute', 'compute', { ...machine, title: 'one' });
  const shown = await eventually(() => show(first), ({ attributes }) => attributes['occi.compute.state'] === 'active');
  expect(shown).toMatchObject({ title: 'one', attributes: { 'occi.compute.cores': '4', [`${PREFIX}state`]: 'fulfilled', [`${PREFIX}reason`]: expect.any(String) as string } });
  const second = await placeOf('/compute', 'compute', { ...machine, title: 'two' });
  const waiting = await eventually(() => show(second), ({ attributes }) => attributes[`${PREFIX}failure`] !== undefined);
  expect(waiting.attributes).toMatchObject({ 'occi.compute.state': 'inactive', [`${PREFIX}state`]: 'open', [`${PREFIX}failure`]: 'quota-exceeded', [`${PREFIX}reason`]: expect.stringContaining('no room') as string });
  const order = await show(second.replace('/compute/federated_instance_', '/order/'));
  expect(order.attributes).toMatchObject({ [`${PREFIX}state`]: 'open', [`${PREFIX}failure`]: 'quota-exceeded' });
  for (const path of [first, second]) expect(await alice.delete(path)).toMatchObject({ status: 200 });
});

test.each([['too large', '100'], ['no number', 'many']])('a machine of a size that is %s', async (name, cores) => {
  const answer = await post('/compute', 'compute', { mixins: [IMAGE], attributes: { 'occi.compute.cores': cores } });
  if (name === 'no number') return expect(answer).toMatchObject({ status: 400 });
  const path = new URL(String(answer.headers['location'])).pathname;
  await eventually(() => show(path), ({ attributes }) => attributes[`${PREFIX}failure`] === 'no-valid-host');
  await alice.delete(path);
});

test('several parts of user data come as one multipart text', async () => {
  const parts = 'Content-Type: multipart/mixed; boundary="=="\nMIME-Version: 1.0\n\n--==\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n--==\nContent-Type: text/cloud-config\n\n#cloud-config\n--==--\n';
  const given = (text: string) => ({ mixins: [IMAGE], attributes: { [`${PREFIX}extra-user-data`]: Buffer.from(text).toString('base64') } });
  const path = await placeOf('/compute', 'compute', given(parts));
  const id = path.split('federated_instance_')[1] ?? '';
  expect((await alice.get<{ userData?: unknown }>(`/v1/orders/${id}`)).status).toBe(200);
  await alice.delete(path);
  expect(await post('/compute', 'compute', given(parts.replace('cloud-config', 'html')))).toMatchObject({ status: 400 });
});

test('the query interface names the images of the cloud', async () => {
  const { data } = await alice.get<{ mixins: { term: string; scheme: string; depends?: string[] }[] }>('/-/', { headers: { Accept: 'application/occi+json' } });
  expect(data.mixins).toContainEqual(expect.objectContaining({ term: 'fogbow-linux', depends: [`${INFRASTRUCTURE}os_tpl`] }));
});

test.each([
  ['/storage', 'storage', { 'occi.storage.size': '1' }],
  ['/network/', 'network', { 'occi.network.address': '10.77.0.0/24', 'occi.network.allocation': 'dynamic' }],
])('what is asked for twice under one key is made once: %s', async (path, kind, attributes) => {
  const asked = { attributes, title: 'a name', key: `key-of-${kind}` };
  const made = await placeOf(path, kind, asked);
  expect(await placeOf(path, kind, asked)).toBe(made);
  expect(await post(path, kind, { ...asked, title: 'another' })).toMatchObject({ status: 409 });
  expect(await post(path, kind, { ...asked, key: 'two words' })).toMatchObject({ status: 400 });
  expect(await show(made)).toMatchObject({ title: 'a name' });
  expect(await show(path)).toMatchObject({ resources: [{ title: 'a name' }] });
  await alice.delete(made);
});
