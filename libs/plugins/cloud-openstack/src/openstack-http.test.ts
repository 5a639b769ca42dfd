import type { FogbowError } from '@fogbow/plugin-contracts';
import { createOpenStackHttp, nextOf } from './openstack-http.js';
import type { OpenStackHttp } from './openstack-http.js';
import { stageOpenStack } from './staged-openstack.js';
import type { StagedOpenStack } from './staged-openstack.js';

let stage: StagedOpenStack;
let http: OpenStackHttp;
beforeEach(async () => {
  stage = await stageOpenStack();
  http = createOpenStackHttp({ authUrl: stage.authUrl, endpoints: { interface: 'public' }, timeoutMs: 2000, microversion: '2.53', now: () => new Date() });
});
afterEach(async () => {
  http.close();
  await stage.close();
});

const get = (path = '/things'): Promise<unknown> => http.ask('compute', { method: 'GET', path }, stage.call);
const failure = (asked: Promise<unknown>): Promise<FogbowError> => asked.then(() => { throw new Error('It was accepted.'); }, (error: unknown) => error as FogbowError);

it('waits as the service asks and sends it again, also what makes something where the service had not begun', async () => {
  stage.on('GET /compute/things', [503, {}, { 'Retry-After': '0' }], [429, {}, { 'Retry-After': '0' }], [200, { ok: true }]);
  expect(await get()).toEqual({ ok: true });
  stage.on('POST /compute/things', [503, {}, { 'Retry-After': '0' }], [202, { made: 1 }]);
  expect(await http.ask('compute', { method: 'POST', path: '/things', body: {} }, stage.call)).toEqual({ made: 1 });
  expect(stage.asked).toHaveLength(5);
});

it('hands on the id of the user’s request, to the services in the form that they take', async () => {
  const id = '11111111-2222-4333-8444-555555555555';
  stage.on('GET /compute/things', [200, 1]);
  await http.ask('compute', { method: 'GET', path: '/things' }, { ...stage.call, requestId: id });
  await http.ask('compute', { method: 'GET', path: '/things' }, { ...stage.call, requestId: 'mine' });
  expect(stage.asked.map(({ headers }) => [headers['x-request-id'], headers['x-openstack-request-id']])).toEqual([[id, `req-${id}`], ['mine', undefined]]);
});

it('sends what makes something only once where it may have been made', async () => {
  stage.on('POST /compute/things', [502]);
  expect((await failure(http.ask('compute', { method: 'POST', path: '/things', body: {} }, stage.call))).code).toBe('cloud-unavailable');
  expect(stage.asked).toHaveLength(1);
});

it('gives up after four tries, and at once when the signal aborts', async () => {
  stage.on('GET /compute/things', [503, {}, { 'Retry-After': '0' }]);
  expect(await failure(get())).toMatchObject({ code: 'cloud-unavailable', message: expect.stringContaining('503') as string });
  expect(stage.asked).toHaveLength(4);
  stage.on('GET /compute/things', [503, {}, { 'Retry-After': '30' }]);
  const ended = await failure(http.ask('compute', { method: 'GET', path: '/things' }, { ...stage.call, signal: AbortSignal.timeout(50) }));
  expect(ended).toMatchObject({ code: 'cloud-unavailable', message: expect.stringContaining('time for the call is over') as string });
});

it('tells a refused token from everything else, and asks Keystone anew for the next one', async () => {
  stage.on('GET /compute/things', [401, {}], [200, 'there']);
  expect((await failure(get())).code).toBe('cloud-unauthorized');
  expect(await get()).toBe('there');
  const stranger = await failure(http.ask('compute', { method: 'GET', path: '/things' }, { ...stage.call, token: { value: 'secret-of-mine' } }));
  expect(stranger.code).toBe('cloud-unauthorized');
  expect(JSON.stringify([stranger.message, String(stranger.cause)])).not.toContain('secret-of-mine');
});

it('asks Keystone once for many calls with one token', async () => {
  stage.on('GET /v3/auth/tokens', [500]);
  stage.on('GET /compute/things', [200, 1]);
  await http.authenticate({}, stage.call.signal);
  await Promise.all([get(), get(), get()]);
  expect(stage.asked).toHaveLength(3);
});

it('follows links to the last page by their query alone', async () => {
  stage.on('GET /compute/things?marker=a', [200, { things: [2] }]);
  stage.on('GET /compute/things?size=1', [200, { things: [1], things_links: [{ rel: 'next', href: 'https://elsewhere.example/v2.1/things?marker=a' }] }]);
  expect(await http.list('compute', { path: '/things', key: 'things', query: { size: '1' } }, stage.call)).toEqual([1, 2]);
  expect(nextOf({ next: '/v2/images?marker=x&status=active' }, 'images')).toEqual({ marker: ['x'], status: ['active'] });
});

it('says what is silent, without the headers that were sent', async () => {
  await stage.close();
  const error = await failure(http.ask('compute', { method: 'POST', path: '/things' }, stage.call));
  expect(error).toMatchObject({ code: 'cloud-unavailable' });
  stage = await stageOpenStack();
});
