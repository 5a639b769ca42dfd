import { silentLogger, systemClock } from '@fogbow/service-runtime';
import type { TunnelEvent } from '@fogbow/queues';
import { createEventOutbox } from './event-outbox.js';

const event = (type: 'service-up' | 'service-down', service: string, at: string): TunnelEvent => ({ type, grantId: 'g', service, port: 1, at });

test('while Redis is away the newest state of each service waits, and the order is kept', async () => {
  let away = true;
  const sent: TunnelEvent[] = [];
  let done = (): void => undefined;
  const finished = new Promise<void>((resolve) => { done = resolve; });
  const outbox = createEventOutbox({
    clock: { ...systemClock, sleep: async () => void await new Promise((resolve) => { setImmediate(resolve); }) },
    log: silentLogger,
    send: async (given) => {
      if (away) throw new Error('away');
      sent.push(given);
      if (sent.length === 3) done();
    },
  });
  outbox.post({ type: 'started' });
  outbox.post(event('service-up', 'ssh', '1'));
  outbox.post(event('service-up', 'web', '2'));
  outbox.post(event('service-down', 'ssh', '3'));
  expect(outbox.waiting()).toBe(3);
  await new Promise((resolve) => { setImmediate(resolve); });
  away = false;
  await finished;
  await outbox.stop();
  expect(sent).toEqual([{ type: 'started' }, event('service-up', 'web', '2'), event('service-down', 'ssh', '3')]);
  expect(outbox.waiting()).toBe(0);
});

test('a state that changes while it is being sent is sent again', async () => {
  const sent: string[] = [];
  const outbox = createEventOutbox({
    clock: systemClock, log: silentLogger,
    send: async (given) => {
      if (sent.push(given.type) === 1) outbox.post(event('service-down', 'ssh', '2'));
    },
  });
  outbox.post(event('service-up', 'ssh', '1'));
  await outbox.stop();
  expect(sent).toEqual(['service-up', 'service-down']);
});

test('stopping does not wait for a Redis that is away', async () => {
  const outbox = createEventOutbox({ clock: systemClock, log: silentLogger, send: () => Promise.reject(new Error('away')) });
  outbox.post({ type: 'started' });
  await outbox.stop();
  expect(outbox.waiting()).toBe(1);
});
