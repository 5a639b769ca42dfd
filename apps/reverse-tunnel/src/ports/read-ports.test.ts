import { readPorts } from './read-ports.js';

test.each([
  [[], []], [['22'], [22]], [['20-22', '25'], [20, 21, 22, 25]], [[' 7 - 8 ', '8'], [7, 8]], [['65535'], [65_535]],
])('%j', (list, ports) => expect([...readPorts(list) ?? ['none']]).toEqual(ports));

test.each([['0'], ['65536'], ['9-8'], ['ssh'], ['1-2-3'], [''], ['-5'], ['1.5']])('%j is no port', (text) => expect(readPorts(['22', text])).toBeUndefined());
