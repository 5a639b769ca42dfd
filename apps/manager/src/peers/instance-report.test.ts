import { fromInstanceReport, toInstanceReport } from './instance-report.js';

const ADDRESS = 'org.fogbowcloud.order.local-ip-address';
const USER = 'org.fogbowcloud.order.ssh-username';

test.each([['two lines', '10.0.0.1\nX-OCCI-Location: there'], ['an escape', '\u009b2J'], ['a novel', 'x'.repeat(5000)]])('of what a provider tells, %s is not handed on', (_name, value) =>
  expect(fromInstanceReport({ instanceId: 'i', state: 'RUNNING', attributes: { [ADDRESS]: value, [USER]: 'fogbow' } })).toEqual({ state: 'active', instance: { id: 'i', sshUsername: 'fogbow' } }));

const instance = { id: 'x', sshAddress: { host: 'h', port: 1 }, sshUsername: 'u', addresses: [{ networkId: 'n', address: '10.0.0.1' }],
  extraAddresses: { db: { host: 'h', port: 2 }, web: { host: 'web--o.d', port: 443, url: 'https://web--o.d/' } } };

it.each(['inactive', 'active', 'suspended', 'failed'] as const)('comes back as it was: %s', (state) => {
  expect(fromInstanceReport(toInstanceReport(instance, state))).toEqual({ instance, state });
});

it('tells why a machine failed, but no novels', () => {
  expect(fromInstanceReport(toInstanceReport(instance, 'failed', 'its disk is full')).fault).toBe('its disk is full');
  expect(fromInstanceReport(toInstanceReport(instance, 'failed', 'x'.repeat(9999))).fault).toHaveLength(500);
});

const [PORTS, URLS] = ['org.fogbowcloud.order.extra-ports', 'org.fogbowcloud.order.extra-urls'];
test.each([
  ['no JSON', '{', undefined, {}], ['a list', '["h:1"]', undefined, {}], ['no address', '{"web":"h"}', undefined, {}], ['no name', '{"a b":"h:1","web":"h:1"}', undefined, { web: { host: 'h', port: 1 } }],
  ['a link that is a script', '{"web":"h:1"}', '{"web":"javascript:alert(1)"}', { web: { host: 'h', port: 1 } }], ['a number', '{"web":1}', '7', {}],
])('of services that a provider tells, %s is not handed on', (_name, ports, urls, extraAddresses) =>
  expect(fromInstanceReport({ instanceId: 'i', attributes: { [PORTS]: ports, ...(urls ? { [URLS]: urls } : {}) } }).instance).toEqual({ id: 'i', extraAddresses }));
