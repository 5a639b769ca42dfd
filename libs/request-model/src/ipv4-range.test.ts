import fc from 'fast-check';
import { freeAddresses, ipv4Text, networkFault, parseIpv4, parseIpv4Range, rangesOverlap } from './ipv4-range.js';
import type { Ipv4Range } from './ipv4-range.js';

const range = (cidr: string): Ipv4Range => parseIpv4Range(cidr) as Ipv4Range;

it('reads what it writes', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (address) => {
    expect(parseIpv4(ipv4Text(address))).toBe(address);
  }));
});

it.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.4 ', 'a.b.c.d', '1.2.3.-4'])('%j is no address', (text) => {
  expect(parseIpv4(text)).toBeUndefined();
});

it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.1/24', '10.0.0.0/', '/8', '10.0.0.0/08', '::/0'])('%j is no range', (text) => {
  expect(parseIpv4Range(text)).toBeUndefined();
});

it('knows the bounds and the whole of IPv4', () => {
  expect(parseIpv4Range('127.1.2.0/24')).toEqual({ first: 0x7f010200, last: 0x7f0102ff, prefix: 24 });
  expect(parseIpv4Range('0.0.0.0/0')).toEqual({ first: 0, last: 2 ** 32 - 1, prefix: 0 });
});

it.each<[string, string, boolean]>([
  ['10.0.0.0/24', '10.0.1.0/24', false], ['10.0.0.0/16', '10.0.1.0/24', true], ['10.0.1.0/24', '10.0.0.0/16', true], ['10.0.0.0/31', '10.0.0.2/31', false],
])('%s and %s overlap: %s', (left, right, expected) => {
  expect(rangesOverlap(range(left), range(right))).toBe(expected);
});

it.each<[string, string | undefined, RegExp | undefined]>([
  ['10.0.0.0/24', undefined, undefined], ['10.0.0.0/24', '10.0.0.1', undefined], ['10.0.0.0/30', '10.0.0.2', undefined],
  ['10.0.0.0/31', undefined, /too small/], ['x', undefined, /CIDR/], ['10.0.0.0/24', '10.0.0.0', /gateway/], ['10.0.0.0/24', '10.0.0.255', /gateway/],
  ['10.0.0.0/24', '10.0.1.1', /gateway/], ['10.0.0.0/24', 'first', /gateway/],
])('a network %s with gateway %s', (cidr, gateway, fault) => {
  if (fault) expect(networkFault({ cidr, gateway })).toMatch(fault);
  else expect(networkFault({ cidr, gateway })).toBeUndefined();
});

it('gives each address of a range that is not taken', () => {
  expect([...freeAddresses(range('10.0.0.0/29'), new Set(['10.0.0.1', '10.0.0.3']))]).toEqual(['10.0.0.2', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  expect([...freeAddresses(range('255.255.255.252/30'), new Set())]).toEqual(['255.255.255.253', '255.255.255.254']);
});
