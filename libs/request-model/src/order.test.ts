import fc from 'fast-check';
import { clientToken, parseClientToken } from './order.js';

describe('client tokens', () => {
  test('are read back by their member and by no other', () => {
    fc.assert(fc.property(fc.uuid(), fc.integer({ min: 1, max: 999_999 }), fc.domain(), fc.domain(), (id, incarnation, member, other) => {
      const token = clientToken(member, { id, incarnation });
      expect(token).toMatch(/^[a-z0-9-]{1,63}$/);
      expect(parseClientToken(member, token)).toEqual({ orderId: id, incarnation });
      if (other !== member) expect(parseClientToken(other, token)).toBeUndefined();
    }));
  });

  test.each(['', 'fogbow', 'someone-elses-vm', 'fogbow-00000000-x-1'])('%j is not one of ours', (name) => expect(parseClientToken('m', name)).toBeUndefined());
});
