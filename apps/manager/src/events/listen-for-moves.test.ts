import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { silentLogger, systemClock } from '@fogbow/service-runtime';
import { listenForMoves } from './listen-for-moves.js';

/** What PostgreSQL says to a client that it lets in: AuthenticationOk, ReadyForQuery. */
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

test('a process that stops does not wait for a database that lets it in and then says nothing', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => {
      socket.write(WELCOME);
      socket.once('data', () => server.emit('asked'));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const ears = listenForMoves({ databaseUrl: `postgres://u:p@127.0.0.1:${(server.address() as AddressInfo).port}/d`, clock: systemClock, log: silentLogger, onMoves: () => undefined });
  await once(server, 'asked');
  const asked = systemClock.uptime();
  await ears.stop();
  expect(systemClock.uptime() - asked).toBeLessThan(1500);
  server.close();
});
