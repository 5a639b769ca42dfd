import fc from 'fast-check';
import { isMemberId } from '@fogbow/request-model';
import { addressOf, isClient, memberOf } from './address.js';

it.each<[string, string | undefined]>([
  ['a.test', 'a.test'],
  ['A.Test/res@x/y', 'a.test'],
  ['manager@a.test/fogbow', 'manager.at--a.test'],
  ['Manager@A.test/fogbow', 'manager.at--a.test'],
  ['x.y@a.test/fogbow', 'x.y.at--a.test'],
  ['x@at--b.test/fogbow', 'x.at--at--b.test'],
  // Another resource of the account is not the member, nor is the server that speaks for the account.
  ['manager@a.test/phone', undefined],
  ['manager@a.test/Fogbow', undefined],
  ['manager@a.test', undefined],
  // A component that is called like a client.
  ['manager.at--a.test', undefined],
  ['at--a.test', undefined],
  ['x.at--y@a.test/fogbow', undefined],
  ['x_y@a.test/fogbow', undefined],
  ['x@@a.test/fogbow', undefined],
  ['@a.test/fogbow', undefined],
  ['x@/fogbow', undefined],
])('%s is the member %s', (address, member) => expect(memberOf(address)).toBe(member));

it('tells clients from components', () => expect(['a.test', 'x.at--a.test', 'at--a.test'].map(isClient)).toEqual([false, true, false]));

const label = fc.stringMatching(/^(at--|xn--)?[a-z0-9]{1,3}$/);
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const address = fc.tuple(fc.option(domain), domain, fc.constantFrom('', '/fogbow', '/other')).map(([node, host, resource]) => `${node === null ? '' : `${node}@`}${host}${resource}`);

it('gives two accounts or components never the same member', () => {
  const owner = (text: string): string => text.split('/')[0] ?? '';
  fc.assert(fc.property(address, address, (one, two) => {
    const member = memberOf(one);
    if (member !== undefined && member === memberOf(two)) expect(owner(one)).toBe(owner(two));
  }), { numRuns: 5000 });
});

it('finds every member again at its address, and every address is that of a member id', () => {
  fc.assert(fc.property(address, (text) => {
    const member = memberOf(text);
    if (member === undefined) return;
    expect(isMemberId(member)).toBe(true);
    expect(memberOf(addressOf(member))).toBe(member);
  }), { numRuns: 2000 });
});
