import { authorizationPolicySuite } from '@fogbow/plugin-conformance';
import { userListPolicy } from './user-list-policy.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const policyOf = (...users: unknown[]) => userListPolicy.create({ users }, host);

authorizationPolicySuite('authorization-user-list', () => ({
  policy: policyOf('ann', 'bob@site.example'),
  allowed: [{ id: 'ann', name: 'Ann' }, { id: 'bob@site.example', name: '' }],
  refused: [{ id: 'Ann', name: 'ann' }, { id: 'ann ', name: 'Ann' }, { id: 'bob', name: 'bob@site.example' }],
}));

it('takes numbers of the file for the ids that they are', async () => {
  expect(await policyOf(1001).decide({ id: '1001', name: '' }, 'order.read')).toEqual({ allowed: true });
});
