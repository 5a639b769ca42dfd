import { createPenalties, PENALTY_LIMITS } from './penalties.js';
import { createStrangers } from './strangers.js';

const open = (limits = { unauthenticated: 3, unauthenticatedPerAddress: 2 }) => {
  const penalties = createPenalties(PENALTY_LIMITS);
  return { penalties, strangers: createStrangers(limits, penalties) };
};

test('so many in all, and from one address', () => {
  const { strangers } = open();
  expect(['a', 'a', 'a', 'b', 'c'].map((address) => strangers.admit(address, false, 0))).toEqual([undefined, undefined, 'too-many-from-address', undefined, 'too-many-strangers']);
  strangers.gone('a');
  expect([strangers.admit('a', false, 0), strangers.count()]).toEqual([undefined, 3]);
});

test('who has to wait is turned away, but for two at a time from where machines are logged in', () => {
  const { strangers, penalties } = open({ unauthenticated: 10, unauthenticatedPerAddress: 10 });
  for (let count = 0; count < 4; count += 1) penalties.note('a', 'wrong-secret', 0);
  expect(strangers.admit('a', false, 0)).toBe('penalty');
  expect([1, 2, 3].map(() => strangers.admit('a', true, 0))).toEqual([undefined, undefined, 'penalty']);
  expect(strangers.admit('a', false, 20_000)).toBeUndefined();
});
