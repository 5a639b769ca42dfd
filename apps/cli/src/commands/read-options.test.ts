import { orderBody } from './order-body.js';
import type { OrderOptions } from './order-body.js';
import { parseCredentials } from './parse-credentials.js';
import { parseValidity } from './parse-validity.js';

const now = new Date('2030-05-06T12:00:00.000Z');

test.each<[string, 'from' | 'until', string]>([
  ['2030-01-31', 'from', '2030-01-31T00:00:00.000Z'],
  ['2030-01-31', 'until', '2030-01-31T23:59:59.999Z'],
  ['2030-01-31T18:00', 'until', '2030-01-31T18:00:00.000Z'],
  ['2030-01-31T18:00:30+02:00', 'until', '2030-01-31T16:00:30.000Z'],
  ['+30m', 'from', '2030-05-06T12:30:00.000Z'],
  ['+7d', 'until', '2030-05-13T12:00:00.000Z'],
])('%s as %s is %s', (text, end, instant) => {
  expect(parseValidity(text, end, now)).toBe(instant);
});

test.each(['tomorrow', '2030-02-31', '2030-13-01', '31.01.2030', '+2w', '2030-01-31T25:00', ''])('"%s" is not a time', (text) => {
  expect(() => parseValidity(text, 'from', now)).toThrow('is not a time');
});

test.each<[OrderOptions, string]>([
  [{ kind: 'storage' }, '--size'], [{ kind: 'network' }, '--cidr'], [{ kind: 'moon' }, 'not a kind'], [{ count: '0' }, 'the count'], [{ count: '1e3' }, 'the count'],
  [{ kind: 'storage', size: '-1' }, 'the size'], [{ member: 'x" || true' }, 'cannot be the id of a member'],
])('%j is refused: %s', (options, message) => {
  expect(() => orderBody(options, now)).toThrow(message);
});

test('only what was given is sent', () => {
  expect(orderBody({}, now)).toEqual({ kind: 'compute' });
});

test('credentials', () => {
  expect(parseCredentials(['a=b', 'c=d=e', 'f='])).toEqual({ a: 'b', c: 'd=e', f: '' });
  expect(parseCredentials([])).toBeUndefined();
  expect(() => parseCredentials(['=x'])).toThrow('key=value');
});
