import { createMapAccount, DEFAULT_ACCOUNT } from './map-account.js';
import type { Mapper } from './map-account.js';

const SELF = 'manager.a.test';
const names = ['alice', 'alice@manager.b.test', 'manager.b.test', SELF, 'constructor'];
const ours = (id: string) => ({ requester: SELF, owner: { id } });
const theirs = (id: string) => ({ requester: 'manager.b.test', owner: { id } });

test.each<[Mapper, ReturnType<typeof ours>, string]>([
  ['single', ours('alice'), DEFAULT_ACCOUNT],
  ['member', ours('alice'), SELF],
  ['member', theirs('alice'), 'manager.b.test'],
  ['member', { requester: 'manager.c.test', owner: { id: 'alice' } }, DEFAULT_ACCOUNT],
  ['user', ours('alice'), 'alice'],
  ['user', theirs('alice'), 'alice@manager.b.test'],
  ['user', theirs('bob'), DEFAULT_ACCOUNT],
  ['user', ours('toString'), DEFAULT_ACCOUNT],
  // Whoever calls himself so is not the user of another member.
  ['user', theirs('alice@manager.b.test'), DEFAULT_ACCOUNT],
])('by %s %j has the account %s', (mapper, holder, account) => expect(createMapAccount({ self: SELF, mapper, names })(holder)).toBe(account));
