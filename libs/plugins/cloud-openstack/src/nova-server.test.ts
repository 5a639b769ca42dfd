import fc from 'fast-check';
import { instanceOf as readInstance, isOurs, networkMetadata, networksOf } from './nova-server.js';
import type { NovaServer } from './nova-server.js';

const NOW = new Date('2026-01-01T12:00:00Z');
const instanceOf = (one: NovaServer): ReturnType<typeof readInstance> => readInstance(one, NOW);
const server: NovaServer = { id: 's1', name: 'fogbow-x-1', status: 'ACTIVE', created: '2026-01-01T00:00:00Z', metadata: { fogbow_token: 'fogbow-x-1' }, flavor: { vcpus: 1, ram: 512, disk: 1 }, addresses: {} };

it.each([
  ['BUILD', 'inactive'], ['ACTIVE', 'active'], ['HARD_REBOOT', 'active'], ['SHUTOFF', 'inactive'], ['SUSPENDED', 'suspended'], ['PAUSED', 'suspended'], ['ERROR', 'failed'], ['SOMETHING_NEW', 'inactive'],
])('shows %s as %s', (status, state) => {
  expect(instanceOf({ ...server, status })).toMatchObject({ id: 's1', clientToken: 'fogbow-x-1', state, size: { vcpu: 1, ramMb: 512, diskGb: 1 } });
});

it('counts a server that is leaving as none', () => {
  expect(instanceOf({ ...server, 'OS-EXT-STS:task_state': 'deleting' })).toBeUndefined();
  expect(instanceOf({ ...server, status: 'SOFT_DELETED' })).toBeUndefined();
});

it('is ours by name and metadata together', () => {
  expect(isOurs(server)).toBe(true);
  expect(isOurs({ ...server, metadata: {} })).toBe(false);
  expect(isOurs({ ...server, name: 'fogbow-x-2' })).toBe(false);
  expect(isOurs({ ...server, name: 'web', metadata: { fogbow_token: 'web' } })).toBe(false);
});

it('says why it failed, in the words of Nova', () => {
  expect(instanceOf({ ...server, status: 'ERROR', fault: { message: 'No valid host was found.' } })?.fault).toBe('No valid host was found.');
  expect(instanceOf({ ...server, status: 'ERROR' })?.fault).toContain('no reason');
});

it('is on its way for as long as Nova may still say why it failed', () => {
  const failing = { ...server, status: 'ERROR', updated: '2026-01-01T11:59:50Z' };
  expect(instanceOf(failing)).toMatchObject({ state: 'inactive' });
  expect(instanceOf(failing)?.fault).toBeUndefined();
  expect(instanceOf({ ...failing, fault: { message: 'No valid host was found.' } })).toMatchObject({ state: 'failed', fault: 'No valid host was found.' });
  expect(instanceOf({ ...failing, updated: '2026-01-01T11:59:00Z' })).toMatchObject({ state: 'failed' });
});

it('is reached at its floating address under the account of its metadata, and nowhere else', () => {
  const floats = { ...server, addresses: { home: [{ addr: '10.77.0.5', version: 4, 'OS-EXT-IPS:type': 'fixed' }, { addr: '198.51.100.7', version: 4, 'OS-EXT-IPS:type': 'floating' }] } };
  expect(instanceOf({ ...floats, metadata: { ...floats.metadata, fogbow_floating: 'fogbow' } })).toMatchObject({ sshAddress: { host: '198.51.100.7', port: 22 }, sshUsername: 'fogbow' });
  expect(instanceOf(floats)).not.toHaveProperty('sshAddress');
});

it('prefers the floating address, then the one on the network of the member', () => {
  const fixed = (addr: string) => ({ addr, version: 4, 'OS-EXT-IPS:type': 'fixed' });
  const metadata = { ...server.metadata, ...networkMetadata([{ networkId: 'n2', address: '10.9.0.2' }]) };
  expect(instanceOf({ ...server, metadata, addresses: { private: [fixed('10.9.0.2')], home: [{ addr: 'fe80::1', version: 6 }, fixed('10.77.0.5')] } })?.localAddress).toBe('10.77.0.5');
  expect(instanceOf({ ...server, addresses: { home: [fixed('10.77.0.5'), { addr: '198.51.100.7', version: 4, 'OS-EXT-IPS:type': 'floating' }] } })?.localAddress).toBe('198.51.100.7');
});

it('keeps networks and their order in the metadata', () => {
  const network = fc.record({ networkId: fc.uuid(), address: fc.ipV4() });
  fc.assert(fc.property(fc.array(network, { maxLength: 30 }), (networks) => {
    expect(networksOf({ other: 'x', ...networkMetadata(networks) })).toEqual(networks);
  }));
});
