import fc from 'fast-check';
import { createPenalties, sourceOf } from './penalties.js';

const limits = { min: 15_000, max: 600_000, addresses: 100 };

test('one error is free, a few are not, and in time all is forgotten', () => {
  const penalties = createPenalties(limits);
  penalties.note('192.0.2.1', 'wrong-secret', 0);
  expect(penalties.waits('192.0.2.1', 0)).toBe(0);
  penalties.note('192.0.2.1', 'wrong-secret', 0);
  penalties.note('192.0.2.1', 'wrong-secret', 0);
  expect(penalties.waits('192.0.2.1', 0)).toBe(15_000);
  expect(penalties.waits('192.0.2.1', 14_000)).toBe(1000);
  expect(penalties.waits('192.0.2.1', 15_000)).toBe(0);
  expect(penalties.waits('192.0.2.2', 0)).toBe(0);
});

test('who logs in is not punished for it, and who is exempt never waits', () => {
  const penalties = createPenalties(limits, (address) => address === '10.0.0.1');
  for (let count = 0; count < 100; count += 1) {
    penalties.note('192.0.2.1', 'logged-in', 0);
    penalties.note('10.0.0.1', 'wrong-secret', 0);
    penalties.note('::ffff:10.0.0.1', 'wrong-secret', 0);
  }
  expect([penalties.waits('192.0.2.1', 0), penalties.waits('10.0.0.1', 0), penalties.size()]).toEqual([0, 0, 0]);
});

test('nobody waits longer than the longest, and memory is bounded, whatever comes', () => {
  const ends = fc.constantFrom('wrong-secret', 'login-grace', 'no-login', 'handshake', 'logged-in' as const);
  fc.assert(fc.property(fc.array(fc.tuple(fc.ipV4(), ends, fc.nat(2_000_000)), { maxLength: 400 }), (events) => {
    const penalties = createPenalties({ ...limits, addresses: 20 });
    let now = 0;
    for (const [address, end, later] of events) {
      now += later % 3000;
      penalties.note(address, end as 'wrong-secret', now);
      if (penalties.waits(address, now) > limits.max || penalties.size() > 20) return false;
    }
    return true;
  }));
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is %s', (address, source) => expect(sourceOf(address)).toBe(source));
