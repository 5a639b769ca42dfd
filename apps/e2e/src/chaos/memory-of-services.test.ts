import { memoryOfServices } from './memory-of-services.js';

const listed = '1f0c redis\n2a1b postgres\n3c2d postgres\n';

test('what the engine tells by ids is told by services, whatever their containers are called', () => {
  const weighed = '1f0c 512KiB / 1.9GiB\n2a1b 12.5MiB / 1.9GiB\n3c2d 1GiB / 1.9GiB\n4e5f 3MiB / 1.9GiB\n';
  expect([...memoryOfServices({ listed, weighed }, ['postgres', 'redis'])]).toEqual([['redis', 0.5], ['postgres', 1036.5]]);
});

test.each([
  ['1f0c 0B / 0B\n2a1b 12.5MiB / 1.9GiB\n', 'the memory of redis'], ['', 'the memory of postgres, redis'], ['1f0c -- / --\n', 'redis uses --'],
])('an amount that is missing is no small one: %j', (weighed, words) => {
  expect(() => memoryOfServices({ listed, weighed }, ['postgres', 'redis'])).toThrow(words);
});
