import { createMessageCalls, remote } from './message-calls.js';
import type { MessageLine } from './message-calls.js';

interface Desk { add(a: number, b: number): Promise<number>; fail(): Promise<void>; never(): Promise<void> }

/** Two ends of one line; messages are copied, as between processes. */
function line(): [MessageLine, MessageLine] {
  const heard: ((message: unknown, handle: unknown) => void)[][] = [[], []];
  const end = (own: 0 | 1): MessageLine => ({
    send: (message) => { const copy: unknown = JSON.parse(JSON.stringify(message)); setImmediate(() => { for (const listener of heard[1 - own] ?? []) listener(copy, undefined); }); },
    onMessage: (listener) => void heard[own]?.push(listener),
  });
  return [end(0), end(1)];
}

const handlers = {
  add: async (a: number, b: number) => a + b,
  fail: async () => { throw new Error('no'); },
  never: () => new Promise<void>(() => undefined),
};

test('answers, errors and unknown calls come back to whom they belong', async () => {
  const [here, there] = line();
  createMessageCalls(there, handlers);
  const calls = createMessageCalls(here, {});
  const desk = remote<Desk>(calls, ['add', 'fail', 'never']);
  expect(await Promise.all([desk.add(1, 2), desk.add(3, 4), desk.fail().catch((error: Error) => error.message)])).toEqual([3, 7, 'no']);
  await expect(calls.call('constructor', [])).rejects.toThrow('There is no call constructor.');
});

test('when the other side is lost nobody waits, now or later', async () => {
  const [here, there] = line();
  createMessageCalls(there, handlers);
  const calls = createMessageCalls(here, {});
  const waiting = calls.call('never', []);
  calls.lose('gone');
  await expect(waiting).rejects.toThrow('gone');
  await expect(calls.call('add', [1, 2])).rejects.toThrow('gone');
});

test('what is no message is passed over', async () => {
  const [here, there] = line();
  createMessageCalls(there, handlers);
  for (const noise of [{}, { reply: 99 }, { reply: 'x', value: 1 }, { ready: true }]) here.send(noise);
  expect(await createMessageCalls(here, {}).call('add', [1, 1])).toBe(2);
});
