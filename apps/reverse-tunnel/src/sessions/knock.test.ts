import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { answerKnock, doorKeyOf, knock, LOOPBACK } from './knock.js';

const key = doorKeyOf('a host key');
const servers: net.Server[] = [];
afterEach(() => { for (const server of servers.splice(0)) server.close(); });

async function listen(onSocket: (socket: Socket) => void): Promise<number> {
  const server = net.createServer((socket) => onSocket(socket.on('error', () => undefined))).listen(0, LOOPBACK);
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
/** A door that echoes to whom it lets in. */
const door = (doorKey = key): Promise<number> => listen((socket) => void answerKnock(socket, doorKey).then((isWelcome) => { if (isWelcome) socket.pipe(socket); else socket.destroy(); }));

test('who has the key is let in, and what both say arrives whole', async () => {
  const socket = await knock(await door(), key);
  const sent = randomBytes(300_000);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(sent);
  await once(socket, 'end');
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});

test('a caller with another key, or with none, hears nothing', async () => {
  const port = await door();
  await expect(knock(port, doorKeyOf('another'))).rejects.toMatchObject({ code: 'unavailable' });
  const heard: Buffer[] = [];
  const stranger = net.connect(port, LOOPBACK, () => stranger.end(randomBytes(48)));
  stranger.on('error', () => undefined).on('data', (chunk: Buffer) => heard.push(chunk));
  await once(stranger, 'close');
  expect(heard).toEqual([]);
});

test.each([
  ['says what it heard', (socket: Socket) => void socket.pipe(socket)], ['says something', (socket: Socket) => void socket.write(randomBytes(200))],
  ['hangs up', (socket: Socket) => void socket.destroy()], ['ends early', (socket: Socket) => void socket.end('x')],
])('another program that %s is not taken for the machine', async (_what, answer) => {
  await expect(knock(await listen(answer), key)).rejects.toMatchObject({ code: 'unavailable' });
});

test('where nobody is, it says so', async () => {
  const port = await listen(() => undefined);
  servers.splice(0).forEach((server) => server.close());
  await expect(knock(port, key)).rejects.toMatchObject({ code: 'unavailable' });
});
