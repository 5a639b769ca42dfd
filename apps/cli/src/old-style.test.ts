import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeOrder, orderId, startStandInManager } from './testing/stand-in-manager.js';
import type { StandInManager } from './testing/stand-in-manager.js';
import { createTestHost } from './testing/test-host.js';
import type { TestHost } from './testing/test-host.js';

/** The command lines of the original (spec §6.1), each as a script would have it. */
let manager: StandInManager;
let host: TestHost;
beforeEach(async () => {
  manager = await startStandInManager();
  host = createTestHost({ env: { FOGBOW_URL: manager.url } });
  writeFileSync(join(host.home, 'token'), 'good\n');
});
afterEach(async () => {
  host.remove();
  await manager.close();
});
const run = async (...words: string[]): Promise<string> => {
  const { out, notes } = await host.run(...words, '--auth-token', 'good');
  return out + notes;
};
const lastBody = (): unknown => manager.seen.findLast(({ method }) => method === 'POST')?.body;

test('order: create prints a location for each, then get, get one and delete', async () => {
  writeFileSync(join(host.home, 'key.pub'), 'ssh-rsa AAAA me');
  writeFileSync(join(host.home, 'run.sh'), '#!/bin/sh\n');
  const made = await run('order', '--create', '--n', '2', '--flavor', 'small', '--type', 'persistent', '--requirements', 'Glue2RAM>=1', '--public-key', join(host.home, 'key.pub'),
    '--user-data-file', join(host.home, 'run.sh'), '--user-data-file-content-type', 'text/x-shellscript', '--resource-kind', 'compute');
  expect(made).toBe(`X-OCCI-Location: ${manager.url}/order/${orderId(1)}\nX-OCCI-Location: ${manager.url}/order/${orderId(2)}\n`);
  expect(lastBody()).toEqual({
    kind: 'compute', count: 2, flavor: 'small', type: 'persistent', requirements: 'Glue2RAM>=1', publicKey: 'ssh-rsa AAAA me', image: 'fogbow-linux-x86',
    userData: [{ content: '#!/bin/sh\n', contentType: 'text/x-shellscript' }],
  });
  expect(await run('order', '--get')).toBe(made);
  expect(await run('request', '--get')).toBe(made);
  expect(await run('order', '--get', '--id', orderId(1))).toContain(`\nX-OCCI-Attribute: occi.core.id="${orderId(1)}" \n`);
  expect(await run('order', '--delete', '--id', orderId(1))).toBe('Ok\n');
  expect(await run('order', '--delete')).toBe('Ok\n');
  expect(await run('order', '--get')).toBe('There are not orders.\n');
});

test('order: volumes and networks', async () => {
  await run('order', '--create', '--resource-kind', 'storage', '--size', '7');
  expect(lastBody()).toEqual({ kind: 'storage', sizeGb: 7 });
  await run('order', '--create', '--resource-kind', 'network', '--cidr', '10.0.0.0/24', '--gateway', '10.0.0.1', '--allocation', 'dynamic');
  expect(lastBody()).toEqual({ kind: 'network', network: { cidr: '10.0.0.0/24', gateway: '10.0.0.1', allocation: 'dynamic' } });
  await run('order', '--create', '--network', `federated_network_${orderId(2)}`);
  expect(lastBody()).toEqual({ kind: 'compute', image: 'fogbow-linux-x86', networkOrderIds: [orderId(2)] });
});

test('failures bring the server\'s own words', async () => {
  expect(await run('order', '--create', '--flavor', 'none')).toBe('fogbow: There is no flavor none. (unsupported-attribute, HTTP 400, request r-1)\n');
});

test('instance, storage, network and attachment', async () => {
  expect(await run('instance', '--create', '--flavor', 'small')).toBe(`X-OCCI-Location: ${manager.url}/compute/federated_instance_${orderId(1)}\n`);
  manager.orders.set(orderId(1), makeOrder(1, { state: 'fulfilled', instanceId: 'i1@b.example', ssh: { host: 'h', port: 22, username: 'u' } }));
  expect(await run('instance', '--get')).toBe(`X-OCCI-Location: ${manager.url}/compute/i1@b.example\n`);
  const detail = await run('instance', '--get', '--id', 'i1@b.example');
  expect(detail).toContain('X-OCCI-Attribute: occi.compute.state="active" \n');
  expect(detail).toContain('X-OCCI-Attribute: org.fogbowcloud.order.ssh-public-address="h:22" \n');
  expect(await run('storage', '--create', '--size', '5')).toBe(`X-OCCI-Location: ${manager.url}/storage/federated_storage_${orderId(2)}\n`);
  expect(await run('storage', '--get', '--id', `federated_storage_${orderId(2)}`)).toContain('occi.storage.size="5"');
  expect(await run('storage', '--get', '--id', `federated_storage_${orderId(2)}@b.example`)).toContain('occi.storage.size="5"');
  expect(await run('network', '--create', '--cidr', '10.0.0.0/24', '--gateway', '10.0.0.1', '--allocation', 'static')).toBe(`X-OCCI-Location: ${manager.url}/network/federated_network_${orderId(3)}\n`);
  expect(await run('attachment', '--create', '--computeId', 'i1@b.example', '--storageId', `federated_storage_${orderId(2)}`, '--mountPoint', '/dev/vdd')).toBe(`X-OCCI-Location: ${manager.url}/storage/link/${orderId(4)}\n`);
  expect(await run('attachment', '--get', '--id', orderId(4))).toContain('occi.storagelink.deviceid="/dev/vdd"');
  expect(await run('attachment', '--delete', '--id', orderId(4))).toBe('Ok\n');
  expect(await run('attachment', '--get')).toBe('There are not storage links.\n');
  expect(await run('instance', '--delete')).toBe('Ok\n');
  expect(await run('instance', '--get')).toBe('There are no compute instances.\n');
});

test('member, with quota and usage', async () => {
  manager.answers.set('/v1/members', { members: [{ id: 'a.example', alive: true }, { id: 'b.example' }, { id: 'gone.example', alive: false }] });
  manager.answers.set('/v1/members/b.example/quota', { limit: { instances: 9, vcpu: null, ramMb: 4096 }, used: { instances: 1, vcpu: 2, ramMb: 512 } });
  manager.answers.set('/v1/members/b.example/usage', { computeUsage: 20.5, storageUsage: 0 });
  expect(await run('member')).toBe('a.example\nb.example\n');
  expect((await run('member', '--id', 'b.example', '--quota')).split('\n').map((line) => line.replace('X-OCCI-Attribute: ', ''))).toEqual([
    'cpuQuota=-1', 'cpuInUse=2', 'cpuInUseByUser=0', 'memQuota=4096', 'memInUse=512', 'memInUseByUser=0', 'instancesQuota=9', 'instancesInUse=1', 'instancesInUseByUser=0', '',
  ]);
  expect(await run('member', '--id', 'b.example', '--usage')).toBe('X-OCCI-Attribute: memberId=b.example\nX-OCCI-Attribute: compute usage=20.5\nX-OCCI-Attribute: storage usage=0.0\n');
  expect((await host.run('member', '--quota')).status).toBe(2);
});

test('accounting, resource and token', async () => {
  manager.answers.set('/v1/accounting', { accounting: [{ user: 'u', requestingMember: 'a', providingMember: 'b', usage: 1.5 }] });
  expect(await run('accounting')).toBe('<<FORMAT: USER; REQUESTING MEMBER; PROVIDING MEMBER; USAGE>>\nu; a; b; 1.5\n');
  expect(await run('resource', '--get')).toContain('Category: small;');
  expect(await run('token', '--create', '--type', 'ldap', '-Dusername=bob', '-Dpassword=p')).toBe('token-of-bob\n');
  expect(lastBody()).toEqual({ type: 'ldap', credentials: { username: 'bob', password: 'p' } });
  expect(await run('token', '--info')).toContain('alice');
  expect((await host.run('token', '--check', '--auth-file', join(host.home, 'token'))).out).toBe('Token Valid\n');
  expect(await host.run('token', '--check', '--auth-token', 'bad')).toMatchObject({ status: 1, out: 'Token Unauthorized\n' });
  expect((await host.run('token')).status).toBe(2);
});

test.each([['--get', '--delete'], ['--id', 'x']])('instance %s %s: exactly one verb', async (...words) => {
  expect((await host.run('instance', ...words)).status).toBe(2);
});
