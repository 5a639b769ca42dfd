import { entityTag, tagsName, tagsNameStrongly } from './entity-tag.js';
import { preferredWait } from './preferred-wait.js';

test.each([
  [undefined, undefined], ['', undefined], ['wait=5', 5], ['wait = 5', 5], ['respond-async, wait=10', 10], ['WAIT="7"', 7], ['wait=5; foo=1', 5],
  ['wait=100000', 60], ['wait=-1', undefined], ['wait=soon', undefined], ['waiting=5', undefined], ['wait=0', 0],
])('Prefer: %s waits for %s s', (header, seconds) => expect(preferredWait(header)).toBe(seconds));

test.each([
  ['"a"', true, true], ['W/"a"', true, false], ['"b", "a"', true, true], ['*', true, true], ['"b"', false, false], ['a', false, false], ['', false, false], ['"a', false, false],
])('%s names the tag "a": weakly %s, strongly %s', (header, weakly, strongly) => {
  expect([tagsName(header, '"a"'), tagsNameStrongly(header, '"a"')]).toEqual([weakly, strongly]);
});

test('a tag changes with every field', () => {
  expect(entityTag('{"a":1}')).toBe(entityTag('{"a":1}'));
  expect(entityTag('{"a":1}')).not.toBe(entityTag('{"a":2}'));
});
