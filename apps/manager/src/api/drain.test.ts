import { once } from 'node:events';
import { connect } from 'node:net';
import { createHttpServer, healthRouter, listen, closeServer } from '@fogbow/service-runtime';
import express from 'express';
import { Registry } from 'prom-client';
import { createDrain } from './drain.js';

test('told to stop it is not ready, serves on, ends connections, and leaves when the time is over', async () => {
  let over = (): void => undefined;
  const drain = createDrain({ forMs: 5000, clock: { sleep: () => new Promise<void>((resolve) => { over = resolve; }) } });
  const server = createHttpServer(express().use(healthRouter({ stopping: drain.check }, new Registry())));
  const port = await listen(server, '127.0.0.1', 0);
  const kept = connect({ port, host: '127.0.0.1' }).setEncoding('latin1');
  await once(kept, 'connect');
  const ask = async (): Promise<string> => {
    kept.write('GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n');
    const [answer] = await once(kept, 'data') as [string];
    return answer;
  };
  expect(await ask()).toMatch(/^HTTP\/1\.1 200 [^]*keep-alive/);
  const stopped = drain.part(server).stop();
  expect(drain.leaving.aborted).toBe(false);
  const ended = once(kept, 'end');
  expect(await ask()).toMatch(/^HTTP\/1\.1 503 [^]*Connection: close[^]*this process is stopping/);
  await ended;
  // New connections are still taken.
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
  over();
  await stopped;
  expect(drain.leaving.aborted).toBe(true);
  await closeServer(server, 1);
});
