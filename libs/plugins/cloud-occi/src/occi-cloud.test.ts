import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudCall, CloudPlugin } from '@fogbow/plugin-contracts';
import { occiCloud } from './occi-cloud.js';
import { startStagedEndpoint } from './testing/staged-endpoint.js';
import type { Seen, StagedEndpoint } from './testing/staged-endpoint.js';

/** The wire, towards a server that says what is staged; the contracts are kept over a real Manager in apps/manager. */

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const ORDER = '11111111-1111-4111-8111-111111111111';
const ID = `federated_instance_${ORDER}`;
const PREFIX = 'org.fogbowcloud.order.';

let endpoint: StagedEndpoint;
let cloud: CloudPlugin;
let call: CloudCall;
const open = (settings: Record<string, unknown> = {}): CloudPlugin =>
  occiCloud.create({ url: endpoint.url, tokens: 'given', quota: 'member', image: 'linux', images: {}, flavors: {}, lacks: [], powerActions: ['stop'], idempotencyKeys: true, callTimeout: 5000, settleTimeout: 300, ...settings }, host);
beforeEach(async () => {
  endpoint = await startStagedEndpoint();
  cloud = open();
  call = { token: { value: 'secret-token' }, signal: AbortSignal.timeout(10_000) };
});
afterEach(async () => {
  await cloud.stop();
  await endpoint.close();
});

const thing = (attributes: Record<string, string>, id = ID): string => JSON.stringify({ id, title: 'token-1', attributes, links: [] });
const up = thing({ 'occi.compute.state': 'active', [`${PREFIX}state`]: 'fulfilled', [`${PREFIX}ssh-public-address`]: '[2001:db8::1]:2200', [`${PREFIX}ssh-username`]: 'user' });
const made = { status: 201, headers: { Location: `http://elsewhere.example/compute/${ID}` }, body: 'Ok' };
const request = { clientToken: 'token-1', size: { vcpu: 2, ramMb: 512, diskGb: 3 }, userData: [] };
const asked = (name: string) => endpoint.seen.filter((one) => one.request === name);
const codeOf = async (work: Promise<unknown>): Promise<unknown> => await work.then(() => 'resolved', (error: { code?: string; message: string }) => [error.code, error.message]);

test('the id of the user’s request goes along with every question', async () => {
  endpoint.stage('POST /compute/', made);
  endpoint.stage(`GET /compute/${ID}`, up);
  await cloud.compute.create(request, { ...call, requestId: 'story.1' });
  expect(endpoint.seen.filter(({ request: name }) => name.includes('/compute/')).map(({ headers }) => headers['x-request-id'])).toEqual(['story.1', 'story.1']);
});

describe('a create', () => {
  test('says size, image, key and title, and tells where the machine is reached', async () => {
    endpoint.stage('POST /compute/', made);
    endpoint.stage(`GET /compute/${ID}`, up);
    const userData = [{ content: '#!/bin/sh', contentType: 'text/x-shellscript' }];
    expect(await cloud.compute.create({ ...request, publicKey: 'ssh-ed25519 A', userData, networkIds: ['n1', 'n2'] }, call))
      .toMatchObject({ id: ID, clientToken: 'token-1', state: 'active', sshAddress: { host: '[2001:db8::1]', port: 2200 }, sshUsername: 'user' });
    const [{ headers, body }] = asked('POST /compute/') as [Seen];
    expect(headers).toMatchObject({ 'x-auth-token': 'secret-token', 'idempotency-key': 'token-1', 'content-type': 'application/occi+json' });
    expect(headers['link']).toMatch(/^<\/network\/n1>; rel="[^"]+#network"; category="[^"]+", <\/network\/n2>; /);
    expect(JSON.parse(body)).toEqual({
      kind: 'http://schemas.ogf.org/occi/infrastructure#compute', mixins: ['http://schemas.fogbowcloud.org/template/os#linux'], title: 'token-1', attributes: {
        'occi.compute.cores': '2', 'occi.compute.memory': '0.5', 'occi.compute.ephemeral_storage.size': '3', 'org.fogbowcloud.credentials.publickey.data': 'ssh-ed25519 A',
        [`${PREFIX}extra-user-data`]: Buffer.from('#!/bin/sh').toString('base64'), [`${PREFIX}extra-user-data-content-type`]: 'text/x-shellscript',
      },
    });
  });

  test('whose answer is lost, or that meets a busy endpoint, is sent again under the same key', async () => {
    endpoint.stage('POST /compute/', { cut: true }, { status: 503, headers: { 'Retry-After': '0' } }, { status: 429 }, made);
    endpoint.stage(`GET /compute/${ID}`, up);
    expect(await cloud.compute.create(request, call)).toMatchObject({ id: ID });
    expect(asked('POST /compute/').map(({ headers }) => headers['idempotency-key'])).toEqual(Array(4).fill('token-1'));
  });

  test('waits until the order has its place, and takes what is slow for what is on its way', async () => {
    endpoint.stage('POST /compute/', made);
    endpoint.stage(`GET /compute/${ID}`, thing({ [`${PREFIX}state`]: 'open' }), thing({ [`${PREFIX}state`]: 'pending' }), thing({ [`${PREFIX}state`]: 'spawning', 'occi.compute.state': 'inactive' }));
    expect(await cloud.compute.create(request, call)).toMatchObject({ state: 'inactive' });
    expect(asked(`GET /compute/${ID}`)).toHaveLength(3);
    endpoint.stage(`GET /compute/${ID}`, thing({ [`${PREFIX}state`]: 'pending' }));
    expect(await cloud.compute.create(request, call)).toMatchObject({ state: 'inactive' });
  });

  test.each([
    ['open', 'quota-exceeded', 'quota-exceeded'], ['open', 'no-valid-host', 'no-valid-host'], ['open', 'cloud-unauthorized', 'cloud-unavailable'],
    ['open', 'unsupported-attribute', 'cloud-rejected'], ['failed', 'cloud-rejected', 'cloud-rejected'],
  ])('that stays %s for %s is given back and is %s', async (state, failure, code) => {
    endpoint.stage('POST /compute/', made);
    endpoint.stage(`GET /compute/${ID}`, thing({ [`${PREFIX}state`]: state, [`${PREFIX}failure`]: failure, [`${PREFIX}reason`]: 'why so' }));
    endpoint.stage(`DELETE /compute/${ID}`, 'Ok');
    expect(await codeOf(cloud.compute.create(request, call))).toEqual([code, 'The OCCI endpoint has nothing for it: why so.']);
    expect([asked(`DELETE /compute/${ID}`).length, asked(`GET /order/${ORDER}`).length]).toEqual([1, 1]);
  });

  test('asks with the next key when what it made before is gone, and takes what is there when the key is another request\'s', async () => {
    const next = ID.replaceAll('1', '2');
    endpoint.stage('POST /compute/', made, { ...made, headers: { Location: `/compute/${next}/` } });
    endpoint.stage(`GET /compute/${next}`, thing({ 'occi.compute.state': 'active' }, next));
    expect(await cloud.compute.create(request, call)).toMatchObject({ id: next });
    expect(new Set(asked('POST /compute/').map(({ headers }) => headers['idempotency-key'])).size).toBe(2);
    endpoint.stage('POST /compute/', { status: 409, body: 'This Idempotency-Key was used for another request; take a new key.' });
    endpoint.stage('GET /compute/', `{"resources":[${up}]}`);
    expect(await cloud.compute.create(request, call)).toMatchObject({ id: ID });
  });

  test('at an endpoint without keys looks first, and is not repeated blindly', async () => {
    const plain = open({ idempotencyKeys: false });
    expect(plain.compute.capabilities.atomicCreate).toBe(false);
    endpoint.stage('GET /compute/', '[]', `[${up}]`);
    endpoint.stage('POST /compute/', { cut: true });
    expect(await codeOf(plain.compute.create(request, call))).toEqual(['cloud-unavailable', expect.any(String)]);
    expect(await plain.compute.create(request, call)).toMatchObject({ id: ID });
    expect(asked('POST /compute/').map(({ headers }) => headers['idempotency-key'])).toEqual([undefined]);
    await plain.stop();
  });

  test.each([
    [{ image: 'two words' }, 'cannot be named in OCCI'], [{}, 'names no image'],
  ])('that OCCI cannot say is refused: %j', async (more, sentence) => {
    const plain = open({ image: undefined });
    expect(await codeOf(plain.compute.create({ ...request, ...more }, call))).toEqual(['cloud-rejected', expect.stringContaining(sentence)]);
    expect(endpoint.seen).toEqual([]);
    await plain.stop();
  });
});

describe('an answer', () => {
  test.each([
    [400, 'cloud-rejected'], [401, 'cloud-unauthorized'], [403, 'cloud-rejected'], [409, 'conflict'], [419, 'quota-exceeded'], [500, 'cloud-unavailable'], [302, 'cloud-unavailable'],
  ])('of status %i is %s, with its words and without our token', async (status, code) => {
    endpoint.stage('GET /network/', { status, body: 'so\nit is' });
    const [seen, message] = await codeOf(cloud.networks?.list(call) ?? Promise.resolve()) as [string, string];
    expect([seen, message.includes('so it is'), message.includes('secret')]).toEqual([code, true, false]);
  });

  test.each(['', 'X-OCCI-Location: x', '{}', '{"resources":[{"kind":"x"}]}', '<html>'])('that is no OCCI is never an empty list: %j', async (body) => {
    endpoint.stage('GET /compute/', body);
    expect(await codeOf(cloud.compute.list(call))).toEqual(['cloud-unavailable', expect.stringContaining('occi+json')]);
  });

  test('of a list that is not there means a wrong address, not that there is nothing', async () => {
    expect(await codeOf(cloud.compute.list(call))).toEqual(['cloud-unavailable', expect.stringContaining('has no /compute/')]);
  });

  test('that asks for too much patience is given up, and so is one that never comes', async () => {
    endpoint.stage('GET /compute/', { status: 503, headers: { 'Retry-After': '3600' } });
    expect(await codeOf(cloud.compute.list(call))).toEqual(['cloud-unavailable', expect.any(String)]);
    await endpoint.close();
    expect(await codeOf(cloud.compute.list({ ...call, signal: AbortSignal.timeout(50) }))).toEqual(['cloud-unavailable', expect.stringContaining('does not answer')]);
  });
});

test('of an instance that was lost inside, the order goes too', async () => {
  endpoint.stage(`DELETE /order/${ORDER}`, 'Ok');
  expect(await cloud.compute.describe(ID, call)).toBeUndefined();
  expect(await cloud.compute.describe('another', call)).toBeUndefined();
  expect(endpoint.seen.filter(({ request: name }) => name.startsWith('DELETE')).map(({ request: name }) => name)).toEqual([`DELETE /order/${ORDER}`]);
});

test('a machine goes with the volumes in it', async () => {
  const link = `federated_attachment_${ORDER}`;
  endpoint.stage(`DELETE /compute/${ID}`, { status: 400, body: 'Remove operation aborted.' }, 'Ok');
  endpoint.stage('GET /storage/link/', JSON.stringify([{ id: `${link}@inner`, attributes: { 'occi.core.source': ID, 'occi.core.target': 'v' } }, { id: 'other', attributes: { 'occi.core.source': 'x' } }]));
  endpoint.stage(`DELETE /storage/link/${link}`, 'Ok');
  await cloud.compute.remove(ID, call);
  expect(endpoint.seen.filter(({ request: name }) => name.startsWith('DELETE')).map(({ request: name }) => name)).toEqual([`DELETE /compute/${ID}`, `DELETE /storage/link/${link}`, `DELETE /compute/${ID}`]);
});

describe('the quota', () => {
  const inner = { instances: 2, vcpu: null, ramMb: 4096 };
  test('is that of the endpoint itself, null meaning no limit', async () => {
    endpoint.stage('GET /v1/members', '{"members":[{"id":"inner.example","self":true},{"id":"other"}]}');
    endpoint.stage('GET /v1/members/inner.example/quota', JSON.stringify({ limit: { ...inner, volumes: 1 }, used: { instances: 1, vcpu: 1, ramMb: 512, volumes: 0 } }));
    expect(await cloud.compute.quota(call)).toEqual({ limit: { ...inner, vcpu: Infinity, volumes: 1 }, used: { instances: 1, vcpu: 1, ramMb: 512, volumes: 0 } });
  });
  test('comes in nine lines from others, which are asked that way from then on', async () => {
    const lines = ['cpuQuota=2147483647', 'cpuInUse=1', 'memQuota=4096', 'memInUse=512', 'instancesQuota=2', 'instancesInUse=1'].map((line) => `X-OCCI-Attribute: ${line}`).join('\n');
    endpoint.stage('GET /member', 'inner.example\nother');
    endpoint.stage('GET /member/inner.example/quota', lines);
    for (let round = 0; round < 2; round += 1) expect(await cloud.compute.quota(call)).toEqual({ limit: { ...inner, vcpu: Infinity }, used: { instances: 1, vcpu: 1, ramMb: 512 } });
    expect(asked('GET /v1/members')).toHaveLength(1);
    endpoint.stage('GET /member/inner.example/quota', 'nothing');
    expect(await codeOf(cloud.compute.quota(call))).toEqual(['cloud-unavailable', expect.stringContaining('quota to none')]);
  });
  test('is not asked for where it does not count', async () => {
    expect((await open({ quota: 'none' }).compute.quota(call)).limit.instances).toBe(Infinity);
    expect(endpoint.seen).toEqual([]);
  });
});

describe('tokens', () => {
  const { signal } = new AbortController();
  test('are read from their file each time, and tried', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'occi-'));
    const tokenFile = join(folder, 'token');
    const given = open({ tokenFile });
    endpoint.stage('GET /-/', { status: 401 }, '{}');
    expect(await codeOf(given.identity.issue({}, signal))).toEqual(['cloud-unauthorized', expect.stringContaining('tokenFile')]);
    writeFileSync(tokenFile, 'first\n');
    expect(await codeOf(given.identity.issue({}, signal))).toEqual(['cloud-unauthorized', expect.any(String)]);
    writeFileSync(tokenFile, 'second\n');
    expect(await given.identity.issue({}, signal)).toEqual({ value: 'second' });
    expect(asked('GET /-/').map(({ headers }) => headers['x-auth-token'])).toEqual(['first', 'second']);
    await given.stop();
    rmSync(folder, { recursive: true });
  });
  test('are asked for in JSON or in headers', async () => {
    endpoint.stage('POST /v1/tokens', { status: 201, body: '{"token":"t1","expiresAt":"2030-01-01T00:00:00Z"}' });
    expect(await open({ tokens: 'json' }).identity.issue({ token: 'x' }, signal)).toEqual({ value: 't1', expiresAt: new Date('2030-01-01T00:00:00Z') });
    expect(asked('POST /v1/tokens')[0]?.body).toBe('{"credentials":{"token":"x"}}');
    endpoint.stage('GET /token', 't2\n');
    expect(await open({ tokens: 'occi' }).identity.issue({ username: 'alice', password: 'p' }, signal)).toEqual({ value: 't2' });
    expect(asked('GET /token')[0]?.headers).toMatchObject({ username: 'alice', password: 'p', 'content-type': 'text/occi' });
    endpoint.stage('GET /token', { status: 405, body: 'This member issues no tokens.' });
    expect(await codeOf(open({ tokens: 'occi' }).identity.issue({}, signal))).toEqual(['cloud-unauthorized', expect.stringContaining('cloud.settings.tokens')]);
  });
});

test.each([
  [{ lacks: ['moons'] }, ['lacks knows volumes']], [{ lacks: ['volumes'] }, ['lacks attachments too']], [{ powerActions: ['fly'] }, ['powerActions knows']],
  [{ images: { a: 1 } }, ['images must map']], [{ quota: 'none', member: 'm' }, ['drop one']], [{ lacks: ['volumes', 'attachments'] }, []],
])('the settings %j have the faults %j', (settings, faults) => {
  expect(occiCloud.check?.(settings)).toEqual(faults.map((fault) => expect.stringContaining(fault) as unknown));
});
