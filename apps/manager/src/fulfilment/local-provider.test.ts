import { FogbowError } from '@fogbow/plugin-contracts';
import { makeOrder, SELF } from '../testing/make-order.js';
import type { CloudCalls } from './cloud-calls.js';
import { createLocalProvider } from './local-provider.js';
import type { Resource, ResourceDriver } from './resource-driver.js';

const { signal } = new AbortController();
const calls = { run: (_signal, _operation, work) => work({ token: { value: '' }, signal }) } as Pick<CloudCalls, 'run'> as CloudCalls;
const machine = (id: string): Resource => ({ id, state: 'active', told: {} });

/** A cloud of hosts of which one does not answer: its machines are missing in the list. */
const driver = {
  list: () => Promise.resolve([machine('here')]),
  describe: (id: string) => (id === 'silent' ? Promise.reject(new FogbowError('cloud-unavailable', 'The host h2 does not answer.')) : Promise.resolve(undefined)),
} as unknown as ResourceDriver;

test('a part of the cloud that does not answer keeps nothing from the orders of the others', async () => {
  const provider = createLocalProvider({ self: SELF, calls, drivers: { compute: driver }, mayAsk: () => true, checkpoints: { reach: () => undefined } });
  const orders = ['here', 'silent', 'killed'].map((id) => makeOrder({ id: `order of ${id}`, instance: { id } }));
  const seen = await provider.describe(orders, signal);
  expect(orders.map(({ id }) => seen.get(id))).toMatchObject([{ kind: 'present', state: 'active' }, { kind: 'unknown', reason: 'The host h2 does not answer.' }, { kind: 'gone' }]);
});
