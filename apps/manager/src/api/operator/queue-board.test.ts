import { randomUUID } from 'node:crypto';
import axios from 'axios';
import type { AxiosInstance, AxiosResponse } from 'axios';
import { connectRedis, createJobQueues } from '@fogbow/queues';
import type { JobQueues } from '@fogbow/queues';
import { hasBrowser, openBrowser } from '../../testing/open-browser.js';
import { eventually, startManager } from '../../testing/start-manager.js';
import type { TestManager } from '../../testing/start-manager.js';

interface Shown { readonly queues: readonly { readonly name: string; readonly readOnlyMode: boolean; readonly isPaused: boolean; readonly jobs: readonly { readonly id: string; readonly name: string; readonly data: { readonly manager?: string } }[] }[] }

const prefix = `t-${randomUUID()}`;
const basic = (password: string, name = 'whoever') => ({ headers: { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` } });
const ask = (manager: TestManager, path: string, options = {}): Promise<AxiosResponse<unknown>> => axios.get(`${manager.url}/operator/queues${path}`, { validateStatus: () => true, ...options });
const redis = connectRedis(String(process.env['TEST_REDIS_URL']), 'producer', () => undefined);
let queues: JobQueues;
let manager: TestManager;
const settings = { admins: ['alice'], 'tunnel.redisUrl': process.env['TEST_REDIS_URL'], 'tunnel.redisPrefix': prefix };

/** A call to a tunnel that is not there waits. */
beforeAll(async () => {
  if (redis.status !== 'ready') await new Promise((resolve) => redis.once('ready', resolve));
  queues = createJobQueues({ connection: redis, prefix, onError: () => undefined });
  await queues.add('grant-tunnels', { manager: 'manager.told.test', grants: [{ id: 'grant-1', secretHash: 's3cret', owner: 'alice-the-owner', services: [{ name: 'ssh' }] }] });
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
});

describe('to look', () => {
  beforeAll(async () => { manager = await startManager({ ...settings, 'operator.queues': 'read', 'http.publicUrl': 'https://cloud.test/fogbow/' }); });
  afterAll(() => manager.stop());

  test('an operator sees a job and nothing secret of it', async () => {
    // The queues of a Redis are shown once it is there.
    const data = await eventually(async () => (await ask(manager, '/api/queues?activeQueue=tunnel-grants&page=1&jobsPerPage=10', basic('alice-token'))).data as Shown, ({ queues: shown }) => shown.length === 8);
    const shown = data.queues.find(({ name }) => name === 'tunnel-grants');
    expect(data.queues.map(({ name }) => name).sort()).toEqual(['federation', 'housekeeping', 'measuring', 'monitoring', 'placement', 'release', 'tunnel-events', 'tunnel-grants']);
    const job = shown?.jobs.find((one) => one.data.manager === 'manager.told.test');
    expect(job).toMatchObject({ name: 'grant-tunnels', data: { grants: [{ id: 'grant-1', secretHash: '(not shown)', owner: '(not shown)', services: [{ name: 'ssh' }] }] } });
    expect(JSON.stringify(data)).not.toMatch(/s3cret|alice-the-owner/);
    const one = await ask(manager, `/api/queues/tunnel-grants/${job?.id}`, basic('alice-token'));
    expect(one.data).toMatchObject({ status: 'waiting', job: { name: 'grant-tunnels' } });
    expect(JSON.stringify(one.data)).not.toContain('s3cret');
    expect((await ask(manager, `/api/queues/tunnel-grants/${job?.id}/flow`, basic('alice-token'))).status).toBe(200);
  });

  test('nobody is asked who they are, and a user who is no operator is refused', async () => {
    for (const path of ['', '/', '/api/queues', '/static/favicon.ico', '/queue/placement', '/nowhere']) {
      const nobody = await ask(manager, path);
      expect([path, nobody.status, nobody.headers['www-authenticate']]).toEqual([path, 401, 'Basic realm="Fogbow, for operators", charset="UTF-8"']);
      expect([path, (await ask(manager, path, basic('mallory-token'))).status]).toEqual([path, 403]);
      expect([path, (await ask(manager, path, basic('alice-tokem'))).status]).toEqual([path, 401]);
    }
    expect((await manager.client('alice').get('/operator/queues/api/queues')).status).toBe(200);
    expect((await ask(manager, '/nowhere', basic('alice-token'))).status).toBe(404);
  });

  test('what a browser keeps for the board opens nothing else', async () => {
    expect((await axios.get(`${manager.url}/v1/me`, { validateStatus: () => true, ...basic('alice-token') })).status).toBe(401);
  });

  test('the page and all that it names are there, under a strict policy', async () => {
    for (const path of ['', '/queue/placement', '/queue/placement/7']) {
      const { headers, data } = await ask(manager, path, basic('alice-token'));
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'") as string, 'x-frame-options': 'DENY' });
      expect(data).toContain('<base href="/fogbow/operator/queues/">');
      expect(data).not.toMatch(/https?:|<style|style="/);
      const named = [...String(data).matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map((match) => match[1] ?? '');
      expect(named.length).toBeGreaterThan(4);
      for (const one of named) expect([one, (await ask(manager, `/${one}`, basic('alice-token'))).status]).toEqual([one, 200]);
    }
    expect((await ask(manager, '/static/../index.ejs', basic('alice-token'))).status).toBe(404);
  });

  test('nothing can be changed', async () => {
    const client = manager.client('alice');
    for (const path of ['placement/pause', 'placement/empty', 'placement/clean/failed', 'placement/1/retry', 'pause']) expect([path, (await client.put(`/operator/queues/api/queues/${path}`)).status]).toEqual([path, 404]);
    expect((await client.post('/operator/queues/api/queues/placement/add', { name: 'place-orders', data: {} })).status).toBe(404);
  });
});

describe('to change', () => {
  let client: AxiosInstance;
  beforeAll(async () => {
    manager = await startManager({ ...settings, 'operator.queues': 'change' });
    client = manager.client('alice');
  });
  afterAll(() => manager.stop());
  const paused = async (): Promise<boolean | undefined> => ((await client.get<Shown>('/operator/queues/api/queues')).data.queues.find(({ name }) => name === 'measuring'))?.isPaused;
  const change = (what: string, headers: Record<string, string>) => axios.put(`${manager.url}/operator/queues/api/queues/measuring/${what}`, {}, { headers: { ...basic('alice-token').headers, ...headers }, validateStatus: () => true });

  test('a queue is paused and goes on, from the board only', async () => {
    for (const site of ['cross-site', 'same-site', 'none']) expect((await change('pause', { 'Sec-Fetch-Site': site })).status).toBe(403);
    expect([(await change('pause', {})).status, await paused()]).toEqual([403, false]);
    expect([(await change('pause', { 'Sec-Fetch-Site': 'same-origin' })).status, await paused()]).toEqual([200, true]);
    expect([(await client.put('/operator/queues/api/queues/measuring/resume')).status, await paused()]).toEqual([200, false]);
    expect((await manager.client('mallory').put('/operator/queues/api/queues/measuring/pause')).status).toBe(403);
  });

  test('no job can be made or written', async () => {
    expect((await client.post('/operator/queues/api/queues/federation/add', { name: 'send-message', data: {} })).status).toBe(404);
    expect((await client.patch('/operator/queues/api/queues/federation/1/update-data', {})).status).toBe(404);
  });

  (hasBrowser ? test : test.skip)('a browser shows a job, and its policy is kept (Debian package chromium)', async () => {
    const browser = await openBrowser();
    try {
      const at = `${manager.url}/operator/queues`;
      // From here on it knows the password, as if its user had been asked.
      await browser.open(`${at.replace('//', '//operator:alice-token@')}/static/favicon.ico`);
      const text = (): Promise<string> => browser.evaluate('document.body.innerText').then(String);
      for (const [path, sign] of [['/', 'monitoring'], ['/queue/tunnel-grants', 'manager.told.test'], [`/queue/tunnel-grants/1`, 'manager.told.test']] as const) {
        await browser.open(`${at}${path}`);
        await eventually(text, (shown) => shown.includes(sign) && shown.includes('QUEUES'));
        expect(await text()).not.toContain('s3cret');
      }
      expect(browser.complaints.filter((one) => !one.includes('favicon.ico'))).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);
});

test('without the setting there is nothing', async () => {
  const plain = await startManager({ admins: ['alice'] });
  expect((await plain.client('alice').get('/operator/queues')).status).toBe(404);
  await plain.stop();
});

test('without operators it is a fault', async () => {
  await expect(startManager({ 'operator.queues': 'read' })).rejects.toThrow('operator.queues is of no use without admins');
});
