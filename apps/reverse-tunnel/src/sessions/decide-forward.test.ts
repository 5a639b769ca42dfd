import fc from 'fast-check';
import type { StoredGrant } from '../grants/stored-grant.js';
import { decideForward } from './decide-forward.js';

const grant: StoredGrant = {
  id: 'g', manager: 'm', owner: 'o', secretHash: '0'.repeat(64), madeAt: '2030-01-01T00:00:00Z', services: [{ name: 'ssh', port: 1000 }, { name: 'web', port: 1001 }],
};

const asked = (bindPort: number, bindAddr = '0.0.0.0'): { bindAddr: string; bindPort: number } => ({ bindAddr, bindPort });

test.each([
  ['its own port', asked(1001), [], { service: 'web' }],
  ['its own port, on any address', asked(1001, ''), [], { service: 'web' }],
  ['its own port twice', asked(1001), [1001], { refused: 'port-in-use' }],
  ['any port', asked(0), [], { refused: 'foreign-port' }],
  ['the SSH port of the tunnel', asked(22), [], { refused: 'foreign-port' }],
  ['an address of its choice', asked(1001, '192.0.2.1'), [], { refused: 'bind-address' }],
  ['a name', asked(1001, 'somebody.example'), [], { refused: 'bind-address' }],
])('%s', (_what, wanted, open, expected) => {
  expect(decideForward(grant, wanted, new Set(open))).toEqual(expected);
});

test('whatever is asked, only own ports are opened', () => {
  fc.assert(fc.property(fc.nat(70_000), (port) => 'service' in decideForward(grant, asked(port), new Set()) === grant.services.some((service) => service.port === port)));
});
