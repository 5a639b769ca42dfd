import { allowAllPolicy } from './allow-all-policy.js';

const host = { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };

it.each(['order.create', 'order.read', 'order.delete', 'member.read'] as const)('allows %s', async (action) => {
  const policy = allowAllPolicy.create({}, host);
  expect(await policy.decide({ id: 'u1', name: 'Ann' }, action)).toEqual({ allowed: true });
});
