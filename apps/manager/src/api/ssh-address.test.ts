import { makeOrder } from '../testing/make-order.js';
import { sshAddressOf } from './ssh-address.js';

const instance = { id: 'vm', sshAddress: { host: 'tunnel.example', port: 40_001 }, sshUsername: 'fogbow' };

test.each(['spawning', 'fulfilled'] as const)('an order that is %s shows where to log in', (state) =>
  expect(sshAddressOf(makeOrder({ state, instance }))).toEqual({ host: 'tunnel.example', port: 40_001, username: 'fogbow' }));

test.each(['closed', 'failed', 'deleted'] as const)('an order that is %s does not', (state) =>
  expect(sshAddressOf(makeOrder({ state, instance }))).toBeUndefined());
