import fc from 'fast-check';
import type { StoredGrant } from '../grants/stored-grant.js';
import { decideForward } from './decide-forward.js';

const grant: StoredGrant = {
  id: 'g', manager: 'm', owner: 'o', secretHash: '0'.repeat(64), madeAt: '2030-01-01T00:00:00Z', services: [{ name: 'ssh', port: 1000 }, { name: 'web', port: 1001 }],
};

test.each([
  ['its own port', grant, 1001, [], { service: 'web' }],
  ['its own port twice', grant, 1001, [1001], { refused: 'the port is forwarded already' }],
  ['no grant', undefined, 1001, [], { refused: 'the grant has ended' }],
  ['any port', grant, 0, [], { refused: 'the port does not belong to this grant' }],
])('%s', (_what, of, port, open, expected) => {
  expect(decideForward(of, port, new Set(open))).toEqual(expected);
});

test('whatever is asked, only own ports are opened', () => {
  fc.assert(fc.property(fc.nat(70_000), (port) => 'service' in decideForward(grant, port, new Set()) === grant.services.some((service) => service.port === port)));
});
