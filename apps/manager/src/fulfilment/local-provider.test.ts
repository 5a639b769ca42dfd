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

describe('what a refusal leaves open', () => {
  const away = new FogbowError('cloud-unavailable', 'The cloud does not answer.');
  const request = async ({ order = makeOrder(), mayAsk = true, token = () => Promise.resolve({ value: '' }) } = {}) => {
    const withdraw = jest.fn(() => Promise.resolve());
    const create = { atomicCreate: true, prepare: () => Promise.resolve({ told: {} }), create: () => Promise.reject(away), withdraw } as unknown as ResourceDriver;
    const asked = { run: async (_signal, _operation, work) => await work({ token: await token(), signal }) } as Pick<CloudCalls, 'run'> as CloudCalls;
    const provider = createLocalProvider({ self: SELF, calls: asked, drivers: { compute: create }, mayAsk: () => mayAsk, checkpoints: { reach: () => undefined } });
    return { outcome: await provider.request(order, { uses: new Map() }, signal), withdrawn: withdraw.mock.calls.length };
  };

  test('a create that nobody heard the end of', async () => {
    expect(await request()).toMatchObject({ outcome: { kind: 'refused', uncertain: true }, withdrawn: 0 });
  });
  test('nothing, where no create was sent: the process was frozen, or there was no token', async () => {
    expect(await request({ mayAsk: false })).toMatchObject({ outcome: { kind: 'refused', code: 'unavailable', uncertain: false }, withdrawn: 0 });
    expect(await request({ token: () => Promise.reject(away) })).toMatchObject({ outcome: { kind: 'refused', uncertain: false }, withdrawn: 0 });
  });
  test('what an earlier try left open', async () => {
    expect(await request({ order: makeOrder({ attempts: 2 }), mayAsk: false })).toMatchObject({ outcome: { kind: 'refused', uncertain: true } });
  });
});
