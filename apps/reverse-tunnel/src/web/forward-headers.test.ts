import fc from 'fast-check';
import { toMachine, toUser } from './forward-headers.js';

const client = { address: '203.0.113.7', host: 'web--o.t.example', scheme: 'https', port: 443 } as const;
const OURS = ['X-Forwarded-For', '203.0.113.7', 'X-Forwarded-Host', 'web--o.t.example', 'X-Forwarded-Proto', 'https', 'X-Forwarded-Port', '443'];

test.each([
  ['what is the request’s own stays as it is', ['Host', 'h', 'ACCEPT', '*/*', 'Cookie', 'a=1', 'Cookie', 'b=2'], ['Host', 'h', 'ACCEPT', '*/*', 'Cookie', 'a=1', 'Cookie', 'b=2', ...OURS]],
  ['what is the connection’s own goes', ['Connection', 'keep-alive, X-Hop', 'Keep-Alive', 'timeout=5', 'X-Hop', '1', 'TE', 'trailers', 'Upgrade', 'h2c', 'Proxy-Authorization', 'x'], OURS],
  ['what a client says of itself goes', ['x-forwarded-for', '10.0.0.1', 'Forwarded', 'for=10.0.0.1', 'X-Real-IP', '10.0.0.1', 'Expect', '100-continue'], OURS],
  ['a body without a length stays one', ['Transfer-Encoding', 'chunked'], [...OURS, 'Transfer-Encoding', 'chunked']],
  ['what says where a body ends stays, whatever the client calls it', ['Connection', 'Content-Length, Host', 'Host', 'h', 'Content-Length', '3'], ['Host', 'h', 'Content-Length', '3', ...OURS]],
])('%s', (_what, raw, expected) => expect(toMachine(raw, client)).toEqual(expected));

test('a change of protocol is asked for anew', () => expect(toMachine(['Connection', 'Upgrade', 'Upgrade', 'websocket', 'Sec-WebSocket-Key', 'k'], client, 'websocket'))
  .toEqual(['Sec-WebSocket-Key', 'k', ...OURS, 'Connection', 'Upgrade', 'Upgrade', 'websocket']));

test.each([
  ['a=1; Domain=t.example; Path=/', 'a=1; Path=/'], ['a=1; domain = .T.example', 'a=1'], ['a=1; Domain=web--o.t.example', 'a=1; Domain=web--o.t.example'],
  ['a=1; Domain=.web--o.t.example', 'a=1; Domain=.web--o.t.example'], ['domain=1; Secure', 'domain=1; Secure'], ['a=1', 'a=1'],
])('of the cookie %s the user gets %s', (cookie, expected) => expect(toUser(['Set-Cookie', cookie], 'web--o.t.example')).toEqual(['Set-Cookie', expected]));

test('no header of a connection gets through', () => {
  const name = fc.constantFrom('Connection', 'connection', 'X-A', 'x-b', 'Upgrade', 'TRANSFER-ENCODING', 'Content-Length', 'Te');
  fc.assert(fc.property(fc.array(fc.tuple(name, fc.constantFrom('close', 'x-a', 'X-B, te', 'chunked', '1'))), (pairs) => {
    const names = toUser(pairs.flat(), 'h').filter((_text, index) => index % 2 === 0).map((text) => text.toLowerCase());
    expect(names.filter((text) => ['connection', 'upgrade', 'transfer-encoding', 'te'].includes(text))).toEqual([]);
    expect(names.filter((text) => text === 'content-length')).toHaveLength(pairs.filter(([one]) => one === 'Content-Length').length);
  }));
});
