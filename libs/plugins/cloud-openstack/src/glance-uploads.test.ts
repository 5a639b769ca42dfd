import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openstackCloud } from './openstack-cloud.js';
import { SENDER_KEY } from './plan-upload.js';
import { stageLists, stageOpenStack } from './staged-openstack.js';
import type { Staged, StagedOpenStack } from './staged-openstack.js';

jest.setTimeout(30_000);

const content = randomBytes(3 << 20);
const sha256 = createHash('sha256').update(content).digest('hex');
const size = { vcpu: 1, ramMb: 256, diskGb: 1 };
const request = (name: string) => ({ clientToken: `fogbow-test-${name}`, size, userData: [], image: 'given' });

let stage: StagedOpenStack;
let folder: string;
let inGlance: Record<string, unknown>[];
beforeEach(async () => {
  stage = await stageOpenStack();
  stageLists(stage);
  folder = mkdtempSync(join(tmpdir(), 'uploads-'));
  writeFileSync(join(folder, 'given.raw'), content);
  stageGlance();
});
afterEach(async () => {
  await stage.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Glance with a memory: records come by POST, content by PUT, and what is filtered is what is asked. */
function stageGlance(): void {
  inGlance = [];
  stage.on('GET /image/v2/images', ({ line }) => {
    const query = new URL(line.split(' ')[1] ?? '', 'http://stage').searchParams;
    return [200, { images: inGlance.filter((image) => [...query].every(([name, value]) => image[name] === value)) }];
  });
  stage.on('POST /image/v2/images', ({ body }) => {
    const image = { ...body as object, id: `g${inGlance.length}`, status: 'queued', updated_at: new Date().toISOString() };
    inGlance.push(image);
    return [201, image];
  });
  stage.on('PUT /image/v2/images/', ({ line }): Staged => {
    const image = inGlance.find(({ id }) => line.includes(`/${String(id)}/`));
    if (image) image['status'] = 'active';
    return [204];
  });
  stage.on('DELETE /image/v2/images/', ({ line }): Staged => {
    inGlance = inGlance.filter(({ id }) => !line.endsWith(`/${String(id)}`));
    return [204];
  });
  stage.on('POST /compute/servers', [202, { server: { id: 's1' } }]);
}

const plugin = (settings = {}) => stage.plugin({ images: { given: { file: join(folder, 'given.raw'), sha256 } }, imageFolder: join(folder, 'cache'), imageFormat: 'raw', ...settings });
const lines = (beginning: string): string[] => stage.lines().filter((line) => line.startsWith(beginning));
const imagesOfServers = (): unknown[] => stage.asked.filter(({ line }) => line === 'POST /compute/servers').map(({ body }) => (body as { server: { imageRef: string } }).server.imageRef);

it('sends an image that Glance lacks once for many orders, whole, and makes machines from it', async () => {
  const { compute } = plugin();
  await Promise.all(['a', 'b', 'c'].map((name) => compute.create(request(name), stage.call)));
  await compute.create(request('d'), stage.call);
  expect(lines('POST /image')).toHaveLength(1);
  const [sent] = stage.asked.filter(({ line }) => line.startsWith('PUT /image'));
  expect([sent?.headers['content-type'], (sent?.body as Buffer).equals(content)]).toEqual(['application/octet-stream', true]);
  expect(imagesOfServers()).toEqual(['g0', 'g0', 'g0', 'g0']);
  expect(inGlance).toMatchObject([{ name: 'given', disk_format: 'raw', container_format: 'bare', visibility: 'private', fogbow_image: `sha256:${sha256}:raw` }]);
});

it('sends once for two processes that share a folder', async () => {
  await Promise.all([plugin().compute.create(request('a'), stage.call), plugin().compute.create(request('b'), stage.call)]);
  expect(lines('PUT /image')).toHaveLength(1);
});

it('uses the one that is there, and not another of that name', async () => {
  inGlance.push({ id: 'strange', name: 'given', status: 'active' }, { id: 'ours', name: 'given', status: 'active', fogbow_image: `sha256:${sha256}:raw` });
  await plugin().compute.create(request('a'), stage.call);
  expect([imagesOfServers(), lines('POST /image')]).toEqual([['ours'], []]);
});

it('removes what an upload that broke has left, and sends anew', async () => {
  await plugin().compute.create(request('a'), stage.call);
  Object.assign(inGlance[0] ?? {}, { status: 'saving', id: 'broken' });
  await plugin().compute.create(request('b'), stage.call);
  expect(lines('DELETE /image')).toEqual(['DELETE /image/v2/images/broken']);
  expect(inGlance.map(({ status }) => status)).toEqual(['active']);
});

it('waits for another host that is sending it', async () => {
  inGlance.push({ id: 'theirs', name: 'given', status: 'saving', fogbow_image: `sha256:${sha256}:raw`, [SENDER_KEY]: 'another', updated_at: new Date().toISOString() });
  await expect(plugin().compute.create(request('a'), stage.call)).rejects.toMatchObject({ code: 'no-valid-host', message: expect.stringMatching(/another host is sending it/) as string });
  expect(lines('DELETE /image')).toEqual([]);
});

it.each<[string, Staged, string]>([
  ['has no room', [413, { message: 'Image storage quota exceeded' }], 'quota-exceeded'], ['breaks', [500], 'cloud-unavailable'], ['forbids it', [403], 'cloud-rejected'],
])('leaves no empty record behind where Glance %s', async (_name, answer, code) => {
  stage.on('PUT /image/v2/images/', answer);
  await expect(plugin().compute.create(request('a'), stage.call)).rejects.toMatchObject({ code });
  expect([inGlance, imagesOfServers(), lines('PUT /image').length]).toEqual([[], [], 1]);
});

it('refuses what is not what its checksum says, and sends nothing', async () => {
  await expect(plugin({ images: { given: { file: join(folder, 'given.raw'), sha256: 'a'.repeat(64) } } }).compute.create(request('a'), stage.call)).rejects.toMatchObject({ code: 'cloud-rejected' });
  expect([lines('POST /image'), readdirSync(join(folder, 'cache')).filter((name) => !name.endsWith('.lock'))]).toEqual([[], []]);
});

it('converts on the way', async () => {
  await plugin({ imageFormat: 'qcow2' }).compute.create(request('a'), stage.call);
  const sent = stage.asked.find(({ line }) => line.startsWith('PUT /image'))?.body as Buffer;
  expect(sent.subarray(0, 3).toString()).toBe('QFI');
});

it('sends it again when it is gone from Glance', async () => {
  const { compute } = plugin();
  await compute.create(request('a'), stage.call);
  inGlance = [];
  stage.on('POST /compute/servers', [400, { badRequest: { message: 'Can not find requested image' } }], [202, { server: { id: 's2' } }]);
  await expect(compute.create(request('b'), stage.call)).rejects.toMatchObject({ code: 'no-valid-host', message: 'The image given is gone from Glance, and is sent again.' });
  await compute.create(request('b'), stage.call);
  expect(lines('PUT /image')).toHaveLength(2);
});

it('lists images that it will send beside those that are there', async () => {
  inGlance.push({ id: 'i1', name: 'img', status: 'active' });
  const cloud = plugin();
  expect(await cloud.images?.list(stage.call)).toEqual([{ id: 'i1', name: 'img' }, { id: 'given', name: 'given' }]);
  await cloud.compute.create(request('a'), stage.call);
  expect((await cloud.images?.list(stage.call))?.map(({ name }) => name)).toEqual(['img', 'given']);
});

test.each<[object, RegExp]>([
  [{ images: { one: 'https://images.test/one' } }, /imageFolder is missing/],
  [{ images: { one: { url: 'ftp://x' } }, imageFolder: '/x' }, /images\.one\.url must begin with http/],
])('%j is a fault', (settings, words) => expect(openstackCloud.check?.(settings as never).join(' ')).toMatch(words));
