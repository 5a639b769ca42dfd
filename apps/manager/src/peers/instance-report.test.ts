import { fromInstanceReport, toInstanceReport } from './instance-report.js';

const instance = { id: 'x', sshAddress: { host: 'h', port: 1 }, sshUsername: 'u', addresses: [{ networkId: 'n', address: '10.0.0.1' }] };

it.each(['inactive', 'active', 'suspended', 'failed'] as const)('comes back as it was: %s', (state) => {
  expect(fromInstanceReport(toInstanceReport(instance, state))).toEqual({ instance, state });
});

it('tells why a machine failed, but no novels', () => {
  expect(fromInstanceReport(toInstanceReport(instance, 'failed', 'its disk is full')).fault).toBe('its disk is full');
  expect(fromInstanceReport(toInstanceReport(instance, 'failed', 'x'.repeat(9999))).fault).toHaveLength(500);
});
