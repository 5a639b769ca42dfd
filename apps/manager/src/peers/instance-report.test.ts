import { fromInstanceReport } from './instance-report.js';

const ADDRESS = 'org.fogbowcloud.order.local-ip-address';
const USER = 'org.fogbowcloud.order.ssh-username';

test.each([['two lines', '10.0.0.1\nX-OCCI-Location: there'], ['an escape', '\u009b2J'], ['a novel', 'x'.repeat(5000)]])('of what a provider tells, %s is not handed on', (_name, value) =>
  expect(fromInstanceReport({ instanceId: 'i', state: 'RUNNING', attributes: { [ADDRESS]: value, [USER]: 'fogbow' } })).toEqual({ state: 'active', instance: { id: 'i', sshUsername: 'fogbow' } }));
