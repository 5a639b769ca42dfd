import { listenForStop } from './stop-request.js';

afterEach(() => (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).forEach((signal) => process.removeAllListeners(signal)));

it('takes the echo of one Ctrl-C for the same, and a later one for hurry', async () => {
  let time = 0;
  const request = listenForStop(() => undefined, () => time);
  request.ask();
  time = 20;
  request.ask();
  await request.requested;
  expect([request.stop.aborted, request.hurry.aborted]).toEqual([true, false]);
  time = 1500;
  request.ask();
  expect(request.hurry.aborted).toBe(true);
});
