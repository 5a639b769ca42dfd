import { makeOrder } from '../testing/make-order.js';
import { extraPortsOf, serviceAddressesOf, sshAddressOf } from './ssh-address.js';

const instance = { id: 'vm', sshAddress: { host: 'tunnel.example', port: 40_001 }, sshUsername: 'fogbow' };

test.each(['spawning', 'fulfilled'] as const)('an order that is %s shows where to log in', (state) =>
  expect(sshAddressOf(makeOrder({ state, instance }))).toEqual({ host: 'tunnel.example', port: 40_001, username: 'fogbow' }));

test.each(['closed', 'failed', 'deleted'] as const)('an order that is %s does not', (state) =>
  expect(sshAddressOf(makeOrder({ state, instance }))).toBeUndefined());

const extraAddresses = { db: { host: 'tunnel.example', port: 40_002 }, web: { host: 'web--o.tunnel.example', port: 443, url: 'https://web--o.tunnel.example/' } };
test.each(['spawning', 'fulfilled'] as const)('the services of an order that is %s are told, as OCCI has them too', (state) => {
  const order = makeOrder({ state, instance: { ...instance, extraAddresses } });
  expect([serviceAddressesOf(order), extraPortsOf(order)]).toEqual([extraAddresses, '{"db":"tunnel.example:40002","web":"web--o.tunnel.example:443"}']);
});
test.each(['open', 'deleted', 'closed', 'failed'] as const)('those of an order that is %s are not', (state) => {
  const order = makeOrder({ state, instance: { ...instance, extraAddresses } });
  expect([serviceAddressesOf(order), extraPortsOf(order), extraPortsOf(makeOrder({ state: 'fulfilled', instance }))]).toEqual([{}, undefined, undefined]);
});
