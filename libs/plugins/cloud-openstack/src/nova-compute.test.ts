import { decodeUserData } from '@fogbow/request-model';
import { isLeaving } from './nova-server.js';
import { createRemovedServers } from './removed-servers.js';
import { stageLists, stageOpenStack } from './staged-openstack.js';
import type { Staged, StagedOpenStack } from './staged-openstack.js';

let stage: StagedOpenStack;
beforeEach(async () => {
  stage = await stageOpenStack();
  stageLists(stage);
});
afterEach(() => stage.close());

const clientToken = 'fogbow-test-1';
const request = { clientToken, size: { vcpu: 1, ramMb: 256, diskGb: 1 }, userData: [{ contentType: 'text/x-shellscript', content: '#!/bin/sh\n' }] };
const PRIVATE = 'e0000000-0000-0000-0000-000000000002';
const server = { id: 's1', name: clientToken, status: 'BUILD', metadata: { fogbow_token: clientToken }, created: '2026-01-01T00:00:00Z' };
const port: Staged = [201, { port: { id: 'p1', name: clientToken, network_id: PRIVATE, device_id: '', fixed_ips: [{ ip_address: '10.9.0.2' }] } }];
const posted = (): { server: Record<string, unknown> } => stage.asked.find(({ line }) => line === 'POST /compute/servers')?.body as { server: Record<string, unknown> };

it('looks before it asks, and asks with name, metadata, user data and the smallest flavor', async () => {
  stage.on('POST /compute/servers', [202, { server: { id: 's1' } }]);
  const made = await stage.plugin().compute.create(request, stage.call);
  expect(made).toMatchObject({ id: 's1', clientToken, state: 'inactive', size: { vcpu: 1, ramMb: 512, diskGb: 1 } });
  expect(stage.lines()[0]).toBe(`GET /compute/servers/detail?name=^${clientToken}$`);
  const { user_data: userData, ...rest } = posted().server;
  expect(rest).toEqual({ name: clientToken, flavorRef: 'f1', imageRef: 'i1', networks: [{ uuid: 'n1' }], metadata: { fogbow_token: clientToken } });
  expect(decodeUserData(Buffer.from(String(userData), 'base64').toString('utf8'))).toEqual(request.userData);
  expect(stage.asked[0]?.headers['openstack-api-version']).toBe('compute 2.53');
});

it('takes the machine that is there already, and none that only bears its name', async () => {
  stage.on('GET /compute/servers/detail', [200, { servers: [{ ...server, id: 'other', metadata: {} }, { ...server, id: 'leaving', 'OS-EXT-STS:task_state': 'deleting' }, server] }]);
  expect((await stage.plugin().compute.create(request, stage.call)).id).toBe('s1');
  expect(posted()).toBeUndefined();
});

it('makes one machine of creates that cross in this process', async () => {
  stage.on('POST /compute/servers', () => {
    stage.on('GET /compute/servers/detail', [200, { servers: [server] }]);
    return [202, { server: { id: 's1' } }];
  });
  const { compute } = stage.plugin();
  const made = await Promise.all([1, 2, 3].map(() => compute.create(request, stage.call)));
  expect(made.map(({ id }) => id)).toEqual(['s1', 's1', 's1']);
  expect(stage.lines().filter((line) => line === 'POST /compute/servers')).toHaveLength(1);
});

it('goes on looking for a machine whose create was not answered in time, and asks for no second one', async () => {
  let looks = 0;
  stage.on('POST /compute/servers', [202, undefined, { 'X-Stage': 'silent' }]);
  stage.on('GET /compute/servers/detail', () => [200, { servers: ++looks > 2 ? [server] : [] }]);
  expect(await stage.plugin({ requestTimeout: 200 }).compute.create(request, stage.call)).toMatchObject({ id: 's1' });
  expect(stage.lines().filter((line) => line === 'POST /compute/servers')).toHaveLength(1);
});

it.each<[string, Partial<Parameters<StagedOpenStack['plugin']>[0]>, Partial<typeof request> & { image?: string }, RegExp]>([
  ['no flavor fits', {}, { size: { vcpu: 9, ramMb: 1, diskGb: 1 } }, /No flavor of this OpenStack has 9 vCPU/],
  ['an image is unknown', {}, { image: 'none' }, /no image none/],
  ['no image is named', { image: undefined }, {}, /names no image/],
  ['the network of the settings is unknown', { network: 'nowhere' }, {}, /no network nowhere, which the setting network/],
  ['user data are too long', {}, { userData: [{ contentType: 'text/plain', content: 'x'.repeat(60_000) }] }, /65535 bytes/],
])('refuses where %s', async (_name, settings, more, words) => {
  await expect(stage.plugin(settings).compute.create({ ...request, ...more }, stage.call)).rejects.toMatchObject({ code: 'cloud-rejected', message: expect.stringMatching(words) as string });
  expect(posted()).toBeUndefined();
});

it('gives back its ports when Nova refuses, and keeps them when nobody knows', async () => {
  stage.on('GET /network/v2.0/ports', [200, { ports: [] }], [200, { ports: [{ id: 'p1' }] }]);
  stage.on('GET /network/v2.0/floatingips', [200, { floatingips: [] }]);
  stage.on('POST /network/v2.0/ports', port);
  stage.on('DELETE /network/v2.0/ports/p1', [204]);
  stage.on('POST /compute/servers', [403, { forbidden: { message: 'Quota exceeded for cores' } }], [500]);
  const { compute } = stage.plugin();
  const wanted = { ...request, networkIds: [PRIVATE] };
  await expect(compute.create(wanted, stage.call)).rejects.toMatchObject({ code: 'quota-exceeded' });
  expect(stage.lines().filter((line) => line.startsWith('DELETE'))).toEqual(['DELETE /network/v2.0/ports/p1']);
  await expect(compute.create(wanted, stage.call)).rejects.toMatchObject({ code: 'cloud-unavailable' });
  expect(stage.lines().filter((line) => line.startsWith('DELETE'))).toHaveLength(1);
});

it('takes the port of an earlier try, and tells the address in the first answer', async () => {
  stage.on('GET /network/v2.0/ports', [200, { ports: [(port[1] as { port: object }).port] }]);
  stage.on('POST /compute/servers', [202, { server: { id: 's1' } }]);
  const made = await stage.plugin().compute.create({ ...request, networkIds: [PRIVATE] }, stage.call);
  expect(made.networks).toEqual([{ networkId: PRIVATE, address: '10.9.0.2' }]);
  expect(posted().server).toMatchObject({ networks: [{ uuid: 'n1' }, { port: 'p1' }], metadata: { fogbow_network_0: `${PRIVATE} 10.9.0.2` } });
});

it('gives a floating address where the site wants it, and then no tunnel', async () => {
  stage.on('GET /network/v2.0/ports', [200, { ports: [] }]);
  stage.on('GET /network/v2.0/floatingips', [200, { floatingips: [] }]);
  stage.on('POST /network/v2.0/ports', [201, { port: { id: 'p1', name: clientToken, network_id: 'e0000000-0000-0000-0000-000000000001', device_id: '', fixed_ips: [{ ip_address: '10.77.0.9' }] } }]);
  stage.on('POST /network/v2.0/floatingips', [201, {}]);
  stage.on('POST /compute/servers', [202, { server: { id: 's1' } }]);
  stage.on('GET /network/v2.0/networks', [200, { networks: [{ id: 'e0000000-0000-0000-0000-000000000001', name: 'net' }, { id: 'n2', name: 'public' }] }]);
  const { compute } = stage.plugin({ floatingNetwork: 'public' });
  expect(compute.capabilities.givesAccess).toBe(true);
  const made = await compute.create({ ...request, publicKey: 'ssh-ed25519 AAAA alice' }, stage.call);
  expect(made.networks).toBeUndefined();
  expect(stage.asked.find(({ line }) => line === 'POST /network/v2.0/floatingips')?.body).toEqual({ floatingip: { floating_network_id: 'n2', port_id: 'p1', description: clientToken } });
  expect(posted().server['networks']).toEqual([{ port: 'p1' }]);
  expect(posted().server['metadata']).toMatchObject({ fogbow_floating: 'fogbow' });
  const [account] = decodeUserData(Buffer.from(String(posted().server['user_data']), 'base64').toString()) ?? [];
  expect(account).toMatchObject({ contentType: 'text/cloud-config', content: expect.stringMatching(/^#cloud-config\n.*"name":"fogbow","ssh_authorized_keys":\["ssh-ed25519 AAAA alice"\]/) as string });
});

it('asks for the reason of a server in ERROR whose list does not tell it, until it is told', async () => {
  const failed = { ...server, status: 'ERROR', updated: '2026-01-01T00:00:00Z' };
  stage.on('GET /compute/servers/detail', [200, { servers: [failed, { ...server, id: 's2', name: 'fogbow-test-2', metadata: { fogbow_token: 'fogbow-test-2' } }] }]);
  stage.on('GET /compute/servers/s1', [500], [200, { server: { ...failed, fault: { message: 'No valid host was found.' } } }]);
  const { compute } = stage.plugin();
  const call = { ...stage.call, signal: AbortSignal.timeout(10_000) };
  for (let round = 0; round < 3; round++) expect((await compute.list(call)).map(({ state, fault }) => [state, fault])).toEqual([['failed', 'No valid host was found.'], ['inactive', undefined]]);
  expect((await compute.find(clientToken, call))?.fault).toBe('No valid host was found.');
  expect(stage.lines().filter((line) => line === 'GET /compute/servers/s1')).toHaveLength(2);
});

it('asks for all machines with one question', async () => {
  const servers = Array.from({ length: 300 }, (_none, index) => ({ ...server, id: `s${index}`, name: `fogbow-test-${index}`, metadata: { fogbow_token: `fogbow-test-${index}` } }));
  stage.on('GET /compute/servers/detail', [200, { servers: [...servers, { ...server, id: 'web', name: 'web' }] }]);
  expect(await stage.plugin().compute.list(stage.call)).toHaveLength(300);
  expect(stage.lines()).toEqual(['GET /compute/servers/detail?name=^fogbow-']);
});

describe('a server that Nova tells as before for a moment after it took its removal', () => {
  it('is not there, and another of its name may be made', async () => {
    stage.on('GET /compute/servers/detail', [200, { servers: [server] }]);
    stage.on('GET /compute/servers/s1', [200, { server }]);
    stage.on('DELETE /compute/servers/s1', [204]);
    const { compute } = stage.plugin();
    expect(await compute.describe('s1', stage.call)).toMatchObject({ id: 's1' });
    await compute.remove('s1', stage.call);
    expect([await compute.find(clientToken, stage.call), await compute.describe('s1', stage.call), await compute.list(stage.call)]).toEqual([undefined, undefined, []]);
    stage.on('POST /compute/servers', [202, { server: { id: 's2' } }]);
    expect(await compute.create(request, stage.call)).toMatchObject({ id: 's2' });
  });
  it('is removed once more by whoever asks again, and is there again when nothing came of it', async () => {
    let now = Date.parse('2026-01-01T12:00:00Z');
    const removed = createRemovedServers(() => new Date(now));
    const shown = () => isLeaving(removed.shown(server));
    removed.add('s1');
    removed.add('s2');
    expect(shown()).toBe(true);
    now += 60_000;
    expect(shown()).toBe(false);
    stage.on('GET /compute/servers/s1', [200, { server }]);
    stage.on('DELETE /compute/servers/s1', [204]);
    const { compute } = stage.plugin();
    for (const _twice of [1, 2]) await compute.remove('s1', stage.call);
    expect(stage.lines().filter((line) => line.startsWith('DELETE'))).toHaveLength(2);
  });
});
