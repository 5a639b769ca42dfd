import fc from 'fast-check';
import { isWebName, readDestination } from './web-name.js';

const ORDER = '0310a9ab-5178-4301-bb21-c3b9c0ba8a2d';

test.each([
  ['a service', `web--${ORDER}.t.example`, { kind: 'service', target: { service: 'web', orderId: ORDER } }],
  ['case, a port and a dot at the end', `WEB--${ORDER.toUpperCase()}.T.example.:8443`, { kind: 'service', target: { service: 'web', orderId: ORDER } }],
  ['the domain itself', 't.example', { kind: 'api' }],
  ['another name', 'example', { kind: 'api' }],
  ['a domain that only ends alike', `web--${ORDER}.bat.example`, { kind: 'api' }],
  ['an address', '[::1]:443', { kind: 'api' }],
  ['no name', undefined, { kind: 'api' }],
  ['a name below a service', `www.web--${ORDER}.t.example`, { kind: 'nothing' }],
  ['a name without a service', `${ORDER}.t.example`, { kind: 'nothing' }],
  ['no service', `--${ORDER}.t.example`, { kind: 'nothing' }],
  ['no order', 'web--.t.example', { kind: 'nothing' }],
  ['a path in it', `web--${ORDER}/../x.t.example`, { kind: 'nothing' }],
  ['an IDN label', 'xn--mnchen-3ya.t.example', { kind: 'nothing' }],
])('%s', (_what, host, destination) => expect(readDestination(host, 't.example')).toEqual(destination));

test('without a domain everything is for the API', () => expect(readDestination(`web--${ORDER}.t.example`, undefined)).toEqual({ kind: 'api' }));

test('every web name is found again, and fits into a label', () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'abz019-'), minLength: 1, maxLength: 30 }), (name) => {
    if (!isWebName(name)) return;
    const label = `${name}--${ORDER}`;
    expect(label.length).toBeLessThanOrEqual(63);
    expect(readDestination(`${label}.t.example`, 't.example')).toEqual({ kind: 'service', target: { service: name, orderId: ORDER } });
  }));
});

test('whatever a client says, it is read', () => {
  fc.assert(fc.property(fc.string(), (host) => { expect(['api', 'service', 'nothing']).toContain(readDestination(host, 't.example').kind); }));
});
