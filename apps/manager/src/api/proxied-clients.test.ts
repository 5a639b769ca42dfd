import { once } from 'node:events';
import { connect } from 'node:net';
import { startManager } from '../testing/start-manager.js';
import type { TestManager } from '../testing/start-manager.js';

let manager: TestManager;
beforeAll(async () => { manager = await startManager({ 'http.proxyProtocol': ['127.0.0.1'], 'limits.requestsPerMinute': 2 }); });
afterAll(() => manager.stop());

/** The status of a check of a token, asked behind a proxy. */
async function check(client: string): Promise<number> {
  const body = '{"credentials":{"token":"guess"}}';
  const socket = connect(Number(new URL(manager.url).port), '127.0.0.1');
  let heard = '';
  socket.setEncoding('latin1').on('data', (text: string) => { heard += text; });
  socket.write(`PROXY ${client.includes(':') ? 'TCP6' : 'TCP4'} ${client} ${client} 50000 8182\r\nPOST /v1/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await once(socket, 'close');
  return Number(heard.split(' ')[1]);
}

test('a stranger behind a proxy uses up their own limit only', async () => {
  expect([await check('203.0.113.7'), await check('203.0.113.7'), await check('203.0.113.7')]).toEqual([401, 401, 429]);
  expect(await check('203.0.113.8')).toBe(401);
  expect([await check('2001:db8::1'), await check('2001:db8::2'), await check('2001:db8::3'), await check('2001:db8:0:1::1')]).toEqual([401, 401, 429, 401]);
});

test('a proxy that sends no header is not answered', async () => {
  await expect(manager.client().get('/v1/me')).rejects.toThrow(/hang up|reset/);
});
