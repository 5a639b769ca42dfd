import { gatherWrites, protocolOf } from './ssh2-protocol.js';

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test('a write that comes alone leaves at once, what follows it within the turn leaves together', async () => {
  const calls: string[] = [];
  let now = 0;
  const gather = gatherWrites({ cork: () => void calls.push('cork'), uncork: () => void calls.push('uncork') }, () => now);
  gather();
  now = 1;
  gather();
  expect(calls).toEqual([]);
  now = 1.01;
  gather();
  gather();
  expect(calls).toEqual(['cork']);
  await turn();
  expect(calls).toEqual(['cork', 'uncork']);
  gather();
  await turn();
  expect(calls).toEqual(['cork', 'uncork']);
});

test('a version of the library that lacks something is refused', () => {
  expect(() => protocolOf({ _protocol: { _handlers: {} } } as never)).toThrow('This version of ssh2 lacks forwardedTcpip');
});
