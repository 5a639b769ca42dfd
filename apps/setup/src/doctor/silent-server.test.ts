import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { systemClock } from '@fogbow/service-runtime';
import { runChecks } from './check.js';
import type { Check } from './check.js';
import { checkCertificate, checkSshBanner } from './check-network.js';
import { checkRedis } from './check-services.js';

let server: Server;
let port: number;
const open = new Set<Socket>();
beforeEach(async () => {
  server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).once('close', () => open.delete(socket)).resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterEach(() => { for (const socket of open) socket.destroy(); });

const at = () => ({ host: '127.0.0.1', port, what: 'a server that says nothing' });
const now = (): Date => new Date();
const CHECKS: readonly (readonly [string, () => Check])[] = [
  ['SSH', () => checkSshBanner(at(), '')],
  ['a certificate', () => checkCertificate({ ...at(), name: 'a.test' }, now)],
  ['Redis', () => checkRedis({ what: 'Redis', url: `redis://:word@127.0.0.1:${port}`, now })],
  ['Redis by TLS', () => checkRedis({ what: 'Redis', url: `rediss://:word@127.0.0.1:${port}`, now })],
];

test.each(CHECKS)('%s: who accepts and is silent is found out, and nothing stays open that would keep the doctor', async (_what, check) => {
  expect(await runChecks([check()], { timeoutMs: 1000, uptime: systemClock.uptime })).toMatchObject([{ ok: false }]);
  // Ends when the last connection does.
  const closed = once(server, 'close');
  server.close();
  await closed;
});
