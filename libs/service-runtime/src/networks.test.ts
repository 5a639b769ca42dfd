import { isIP } from 'node:net';
import { networksOf, siteOf } from './networks.js';

const holds = (list: readonly string[], address: string): boolean | undefined => networksOf(list)?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

test.each([
  [['10.0.0.0/8'], '10.1.2.3', true], [['10.0.0.0/8'], '11.1.2.3', false], [['10.0.0.1'], '10.0.0.1', true], [['10.0.0.1'], '10.0.0.2', false],
  [['2001:db8::/32'], '2001:db8:1::1', true], [['2001:db8::/32'], '2001:db9::1', false], [['::1', '192.168.0.0/16'], '::1', true], [[], '10.0.0.1', false],
  // As a socket that listens to both families tells an address of the older one.
  [['10.0.0.0/8'], '::ffff:10.1.2.3', true], [['0.0.0.0/0'], '::1', false],
])('of %j is %s: %s', (list, address, expected) => expect(holds(list, address)).toBe(expected));

test.each(['', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0', '::/129', 'fe80::1%eth0', 'front', '10.0.0.0/1e1'])('%j is neither an address nor a network', (text) =>
  expect(networksOf(['127.0.0.1', text])).toBeUndefined());

test.each([['::ffff:192.0.2.1', '192.0.2.1'], ['192.0.2.1', '192.0.2.1'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:db8::1', '2001:db8:0:0::/64'], ['::1', '0:0:0:0::/64'], ['2001::3:4:5:6:7', '2001:0:0:3::/64'], ['::2:3:4:5:6:7', '0:0:2:3::/64'], [undefined, '']])('%s is of %s', (address, site) =>
  expect(siteOf(address)).toBe(site));
