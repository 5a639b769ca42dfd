import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import axios from 'axios';
import { build } from 'esbuild';
import type { CloudCall, CloudPlugin } from '@fogbow/plugin-contracts';
import { fakeCloud } from './fake-cloud.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() };
const root = resolve(__dirname, '../../../..');
const http = axios.create({ proxy: false, validateStatus: () => true, timeout: 5000 });
// Real processes on a host that may be busy.
jest.setTimeout(60_000);

let folder: string;
let server: ChildProcess;
let url: string;

const start = (...args: string[]): Promise<void> => new Promise((ready, failed) => {
  server = spawn(process.execPath, [join(folder, 'main.js'), '--state', join(folder, 'state'), ...args]);
  server.once('exit', () => failed(new Error('The server ended.')));
  server.stderr?.on('data', (data: Buffer) => failed(new Error(data.toString())));
  server.stdout?.once('data', (data: Buffer) => {
    url = data.toString().trim().replace('listening ', '');
    ready();
  });
});
const end = (signal: NodeJS.Signals): Promise<void> => new Promise((done) => {
  server.removeAllListeners('exit').once('exit', () => done());
  server.kill(signal);
});
const open = async (): Promise<{ cloud: CloudPlugin; call: CloudCall }> => {
  const cloud = fakeCloud.create({ url, callTimeout: 5000 }, host);
  const { signal } = new AbortController();
  return { cloud, call: { token: await cloud.identity.issue({}, signal), signal } };
};
const request = (clientToken: string) => ({ clientToken, size: { vcpu: 1, ramMb: 100, diskGb: 1 }, userData: [] });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fogbow-fake-'));
  await build({
    absWorkingDir: root, entryPoints: [join(__dirname, 'main.ts')], outfile: join(folder, 'main.js'), bundle: true,
    platform: 'node', target: 'node20', format: 'cjs', tsconfig: join(root, 'tsconfig.base.json'), logLevel: 'error',
  });
});
beforeEach(() => start('--knobs', JSON.stringify({ maxInstances: 7 })));
afterEach(async () => {
  await end('SIGTERM');
  rmSync(join(folder, 'state'), { force: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

it('loses nothing when it is killed: machines, tokens and knobs', async () => {
  const { cloud, call } = await open();
  const [kept, failed, removed] = await Promise.all(['a', 'b', 'c'].map((name) => cloud.compute.create(request(name), call)));
  await http.post(`${url}/control/instances/${failed?.id}/fail`);
  await cloud.compute.remove(removed?.id ?? '', call);
  await http.put(`${url}/control/knobs`, { refuse: 'no-valid-host' });
  await cloud.stop();
  for (let life = 0; life < 2; life++) {
    await end('SIGKILL');
    appendFileSync(join(folder, 'state'), '{"kind":"create","mach'); // A write cut short.
    await start('--port', new URL(url).port, '--knobs', '{"maxInstances":1}');
    const again = fakeCloud.create({ url }, host);
    const shown = await again.compute.list(call);
    expect(shown.map(({ id, state }) => [id, state])).toEqual([[kept?.id, 'active'], [failed?.id, 'failed']]);
    await expect(again.compute.create(request('d'), call)).rejects.toMatchObject({ code: 'no-valid-host' });
    expect((await again.compute.quota(call)).limit).toMatchObject({ instances: 7, vcpu: Infinity, ramMb: Infinity });
    await again.stop();
  }
});

it('keeps volumes, networks, attachments and switched-off machines too', async () => {
  const { cloud, call } = await open();
  const network = await cloud.networks?.create({ clientToken: 'n', cidr: '10.1.0.0/24', gateway: '10.1.0.1', allocation: 'dynamic' }, call);
  const machine = await cloud.compute.create({ ...request('a'), networkIds: [network?.id ?? ''] }, call);
  const volume = await cloud.volumes?.create({ clientToken: 'v', sizeGb: 3, name: 'data' }, call);
  const gone = await cloud.volumes?.create({ clientToken: 'w', sizeGb: 1 }, call);
  const attachment = await cloud.attachments?.attach({ clientToken: 'l', volumeId: volume?.id ?? '', instanceId: machine.id }, call);
  await cloud.power?.perform(machine.id, 'suspend', call);
  expect((await http.post(`${url}/control/volumes/${gone?.id}/vanish`)).status).toBe(204);
  const look = async (from: CloudPlugin): Promise<unknown> => [
    await from.compute.list(call), await from.volumes?.list(call), await from.networks?.list(call), await from.attachments?.list(call), (await from.compute.quota(call)).used,
  ];
  const before = await look(cloud);
  expect(before).toMatchObject([
    [{ id: machine.id, state: 'suspended', networks: [{ networkId: network?.id, address: '10.1.0.2' }] }],
    [{ id: volume?.id, attachedTo: machine.id, name: 'data' }], [{ id: network?.id }], [{ id: attachment?.id, device: '/dev/vdc' }], { volumes: 1, volumeGb: 3, networks: 1 },
  ]);
  await cloud.stop();
  await end('SIGKILL');
  await start('--port', new URL(url).port);
  const again = fakeCloud.create({ url }, host);
  expect(await look(again)).toEqual(before);
  await http.post(`${url}/control/instances/${machine.id}/vanish`);
  expect(await again.attachments?.list(call)).toEqual([]);
  expect((await http.get(`${url}/control/volumes`)).data).toMatchObject([{ id: volume?.id }]);
  await again.stop();
});

it('is controlled while it runs', async () => {
  const { cloud, call } = await open();
  const { id } = await cloud.compute.create(request('a'), call);
  await http.delete(`${url}/control/calls`);
  expect((await http.get(`${url}/control/instances`)).data).toMatchObject([{ id, state: 'active' }]);
  expect((await http.post(`${url}/control/instances/${id}/vanish`)).status).toBe(204);
  expect((await http.post(`${url}/control/instances/${id}/vanish`)).status).toBe(404);
  expect(await cloud.compute.describe(id, call)).toBeUndefined();
  await http.post(`${url}/control/tokens/expire`);
  await expect(cloud.compute.describe(id, call)).rejects.toMatchObject({ code: 'cloud-unauthorized' });
  expect((await http.get(`${url}/control/calls`)).data).toEqual({ issue: 0, create: 0, find: 0, describe: 2, list: 0, remove: 0, quota: 0 });
  expect((await http.put(`${url}/control/knobs`, { speed: 1 })).data).toMatchObject({ code: 'bad-syntax' });
  expect((await http.put(`${url}/control/knobs`, { password: 'secret' })).data).toMatchObject({ password: '***', maxInstances: 7 });
  await cloud.stop();
});

it('is cloud-unavailable to its clients while it is away', async () => {
  const { cloud, call } = await open();
  await end('SIGKILL');
  await expect(cloud.compute.describe('x', call)).rejects.toMatchObject({ code: 'cloud-unavailable' });
  await cloud.stop();
  await start('--port', new URL(url).port);
});

it('opens its control API inside the Manager too', async () => {
  const cloud = fakeCloud.create({ controlPort: 0 }, { ...host, log: { ...host.log, info: (_text: string, fields?: Record<string, unknown>) => void (url = String(fields?.['url'])) } });
  await cloud.start(new AbortController().signal);
  expect((await http.get(`${url}/control/knobs`)).data).toMatchObject({ refuse: 'none' });
  await cloud.stop();
});
