import { orderOfGrant, serviceAddress } from './service-address.js';
import type { TunnelWeb } from './jobs.js';

const at = (web?: TunnelWeb) => ({ publicHost: 'p.example', ...(web ? { web } : {}) });

test.each<[string, Parameters<typeof serviceAddress>, ReturnType<typeof serviceAddress>]>([
  ['a port of the tunnel', [at(), 'o', { name: 'db', port: 1 }], { host: 'p.example', port: 1 }],
  ['a name at the usual port', [at({ url: 'https://t.example', domain: 'w.example' }), 'o', { name: 'web', port: 1, kind: 'http' }], { host: 'web--o.w.example', port: 443, url: 'https://web--o.w.example/' }],
  ['a name at another port', [at({ url: 'http://127.0.0.1:8080', domain: 'localhost' }), 'o', { name: 'web', port: 1, kind: 'http' }], { host: 'web--o.localhost', port: 8080, url: 'http://web--o.localhost:8080/' }],
  ['no names', [at({ url: 'https://t.example' }), 'o', { name: 'web', port: 1, kind: 'http' }], undefined],
  ['no web', [at(), 'o', { name: 'web', port: 1, kind: 'http' }], undefined],
  ['no link', [at({ url: 'nonsense', domain: 'w' }), 'o', { name: 'web', port: 1, kind: 'http' }], undefined],
])('%s', (_what, args, address) => expect(serviceAddress(...args)).toEqual(address));

test.each([['0310a9ab-5178-4301-bb21-c3b9c0ba8a2d-12', '0310a9ab-5178-4301-bb21-c3b9c0ba8a2d'], ['plain', 'plain'], ['a-b', 'a-b']])('the grant %s is of order %s', (grant, order) => expect(orderOfGrant(grant)).toBe(order));
