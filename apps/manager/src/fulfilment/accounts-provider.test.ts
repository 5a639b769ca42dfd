import { makeOrder, PEER, SELF } from '../testing/make-order.js';
import { createMapAccount } from '../credentials/map-account.js';
import { createAccountsProvider } from './accounts-provider.js';
import type { InstanceProvider, ReleaseOutcome } from './instance-provider.js';

const grounds = { uses: { networkIds: [] } } as never;
const { signal } = new AbortController();

/** A cloud that knows under which account it was asked. */
function accountNamed(name: string, release: ReleaseOutcome = { kind: 'gone' }): InstanceProvider {
  return {
    request: (order) => Promise.resolve({ kind: 'accepted', instance: { id: `${order.id} of ${name}` }, ready: true }),
    describe: (orders) => Promise.resolve(new Map(orders.map(({ id }) => [id, { kind: 'gone', reason: name }]))),
    release: () => Promise.resolve(release),
  };
}
const provider = (release?: ReleaseOutcome) => createAccountsProvider({
  accounts: new Map([['default', accountNamed('default')], ['alice', accountNamed('alice', release)]]), accountOf: createMapAccount({ self: SELF, mapper: 'user', names: ['alice'] }),
});
const ours = makeOrder({ id: 'one', owner: { id: 'alice', name: '' } });
const theirs = makeOrder({ id: 'two', owner: { id: 'alice', name: '' }, requester: PEER });

test('an instance is made under the account of its user, and remembers it', async () => {
  expect(await provider().request(ours, grounds, signal)).toMatchObject({ instance: { id: 'one of alice', account: 'alice' } });
  expect(await provider().request(theirs, grounds, signal)).toEqual({ kind: 'accepted', instance: { id: 'two of default' }, ready: true });
});

test('it is looked for where it was made, whatever the configuration says now', async () => {
  const orders = [{ ...ours, instance: { id: 'a' } }, { ...theirs, instance: { id: 'b', account: 'alice' } }, { ...theirs, id: 'three', instance: { id: 'c', account: 'left' } }];
  expect(await provider().describe(orders, signal)).toEqual(new Map([
    ['one', { kind: 'gone', reason: 'default' }], ['two', { kind: 'gone', reason: 'alice' }],
    ['three', { kind: 'unknown', reason: 'the account left of our cloud is not configured any more' }],
  ]));
});

test('it is gone when no account has it', async () => {
  const target = { orderId: 'one', kind: 'compute' as const, incarnation: 1, member: SELF };
  expect(await provider().release(target, signal)).toEqual({ kind: 'gone' });
  const pending = { kind: 'pending' as const, reason: 'the cloud is removing it', inMs: 1000 };
  expect(await provider(pending).release(target, signal)).toEqual(pending);
});
