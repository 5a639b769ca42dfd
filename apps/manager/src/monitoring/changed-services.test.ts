import type { ServiceAddress } from '@fogbow/request-model';
import type { Observation } from '../fulfilment/instance-provider.js';
import { makeOrder } from '../testing/make-order.js';
import { changedServices } from './changed-services.js';

type Services = Readonly<Record<string, ServiceAddress>>;
const [db, web] = [{ host: 'h', port: 1 }, { host: 'w', port: 443, url: 'https://w/' }];
const orderWith = (extraAddresses?: Services) => makeOrder({ state: 'fulfilled', instance: { id: 'vm', ...(extraAddresses ? { extraAddresses } : {}) } });
const seenWith = (extraAddresses?: Services): Observation => ({ kind: 'present', state: 'active', reachable: true, instance: { id: 'vm', ...(extraAddresses ? { extraAddresses } : {}) } });

test.each<[string, Services | undefined, Services | undefined, Services | undefined]>([
  ['nothing here and there', undefined, undefined, undefined],
  ['a first one', undefined, { db }, { db }],
  ['one more', { db }, { db, web }, { db, web }],
  ['the same in another order', { db, web }, { web, db }, undefined],
  ['another port', { db }, { db: { ...db, port: 2 } }, { db: { ...db, port: 2 } }],
  ['another link', { web }, { web: { ...web, url: 'https://v/' } }, { web: { ...web, url: 'https://v/' } }],
  ['the last one gone', { db }, undefined, {}],
  ['none any more', {}, undefined, undefined],
])('%s', (_what, known, seen, told) =>
  expect(changedServices(orderWith(known), seenWith(seen))).toEqual(told && { id: orderWith().id, incarnation: 1, extraAddresses: told }));

test.each<[string, Observation | undefined]>([['gone', { kind: 'gone' }], ['unknown', { kind: 'unknown', reason: 'r' }], ['not looked at', undefined]])('of an instance that is %s nothing is told', (_what, seen) =>
  expect(changedServices(orderWith({ db }), seen)).toBeUndefined());
test('of an order without an instance nothing is told', () => expect(changedServices(makeOrder(), seenWith({ db }))).toBeUndefined());

test.each([
  ['the same', { host: 'a', port: 1 }, undefined], ['another host', { host: 'b', port: 1 }, { host: 'b', port: 1 }], ['nothing said', undefined, undefined],
])('where to log in: %s', (_what, sshAddress, told) => {
  const order = makeOrder({ state: 'fulfilled', instance: { id: 'vm', sshAddress: { host: 'a', port: 1 }, extraAddresses: { db } } });
  const seen: Observation = { kind: 'present', state: 'active', reachable: true, instance: { id: 'vm', extraAddresses: { db }, ...(sshAddress ? { sshAddress } : {}) } };
  expect(changedServices(order, seen)).toEqual(told && { id: order.id, incarnation: 1, extraAddresses: { db }, sshAddress: told });
});
