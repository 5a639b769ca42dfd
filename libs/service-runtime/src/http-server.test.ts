import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import express from 'express';
import type { Response } from 'express';
import { closeServer, createHttpServer, listen } from './http-server.js';

let server: Server;
let port: number;
/** Answers that wait to be given. */
let held: Response[];
const clients: Socket[] = [];

beforeEach(async () => {
  held = [];
  const app = express();
  app.get('/held', (_request, response) => {
    held.push(response);
    server.emit('held');
  });
  app.get('/begun', (_request, response) => {
    response.write('be');
    held.push(response);
    server.emit('held');
  });
  app.get('/quick', (_request, response) => void response.end('quick'));
  server = createHttpServer(app);
  port = await listen(server, '127.0.0.1', 0);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await closeServer(server, 1);
});

/** One that stays connected as long as the server does. */
async function dial(): Promise<{ socket: Socket; ask(path: string): void; heard(): string; ended: Promise<unknown> }> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  clients.push(socket);
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => { heard += text; });
  await once(socket, 'connect');
  return { socket, ask: (path) => void socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`), heard: () => heard, ended: once(socket, 'end') };
}

test.each(['/held', '/begun'])('an answer to %s that is under way ends its connection, and the server does not wait for more', async (path) => {
  const client = await dial();
  client.ask(path);
  await once(server, 'held');
  const closed = closeServer(server, 60_000);
  held[0]?.end('done');
  await Promise.all([client.ended, closed]);
  expect(client.heard()).toMatch(/done/);
});

test('a client that is told before its answer sends nothing more', async () => {
  const client = await dial();
  client.ask('/held');
  await once(server, 'held');
  const closed = closeServer(server, 60_000);
  held[0]?.end();
  await Promise.all([client.ended, closed]);
  expect(client.heard()).toMatch(/\r\nConnection: close\r\n/);
});

test('a request that was sent before the goodbye was heard is answered', async () => {
  const client = await dial();
  client.ask('/held');
  client.ask('/quick');
  await once(server, 'held');
  held[0]?.writeHead(200);
  const closed = closeServer(server, 60_000);
  held[0]?.end();
  await Promise.all([client.ended, closed]);
  expect(client.heard()).toMatch(/quick$/);
});

test('a connection that another protocol took over is cut in the end', async () => {
  server.on('upgrade', () => void server.emit('held'));
  const client = await dial();
  client.socket.write('GET /x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n');
  await once(server, 'held');
  await closeServer(server, 20);
  expect(server.listening).toBe(false);
});

test.each([
  [400, 'GET / HTTP/1.1\r\nHost x\r\n\r\n'], [400, '\u0016\u0003\u0001'], [431, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`],
  [400, 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n'],
])('what cannot be read is answered %i with an id, and its client let go', async (status, text) => {
  const client = await dial();
  client.socket.write(text);
  await client.ended;
  expect(client.heard()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [^]*\\r\\nX-Request-Id: [0-9a-f-]{36}\\r\\n[^]*\\r\\n\\r\\n$`));
});

test('a client that takes nothing of its answer is cut', async () => {
  server.timeout = 50;
  const client = await dial();
  client.socket.pause();
  client.ask('/held');
  await once(server, 'held');
  const gone = once(held[0] as Response, 'close');
  held[0]?.end(Buffer.alloc(50_000_000));
  await gone;
});
