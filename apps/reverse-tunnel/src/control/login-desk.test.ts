import { createHash } from 'node:crypto';
import type { StoredGrant } from '../grants/stored-grant.js';
import { decideLogin } from './login-desk.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const grant: StoredGrant = { id: 'order-1', manager: 'm', owner: 'o', secretHash: sha256('right'), publicKey: 'ssh-ed25519 AAAA me@home', services: [{ name: 'ssh', port: 1 }], madeAt: '2030-01-01T00:00:00Z' };
const keyless: StoredGrant = { id: 'order-2', manager: 'm', owner: 'o', secretHash: sha256('other'), services: [{ name: 'ssh', port: 2 }], madeAt: '2030-01-01T00:00:00Z' };
const options = { grants: { get: (id: string) => [grant, keyless].find((one) => one.id === id) }, hasEnded: (id: string) => id === 'order-0' };
const secret = (text: string): { secretHash: string } => ({ secretHash: sha256(text) });

test.each([
  ['order-1', secret('right'), { grant }],
  ['order-1', secret('wrong'), { refused: 'wrong-secret' }],
  ['order-1', secret(''), { refused: 'wrong-secret' }],
  ['order-2', secret('right'), { refused: 'wrong-secret' }],
  ['order-0', secret('right'), { refused: 'ended-grant' }],
  ['order-9', secret('right'), { refused: 'unknown-grant' }],
  ['../order-1', secret('right'), { refused: 'bad-id' }],
  ['', secret('right'), { refused: 'bad-id' }],
  ['order-1', { publicKey: 'ssh-ed25519 AAAA' }, { grant }],
  ['order-1', { publicKey: 'ssh-ed25519 AAAB' }, { refused: 'wrong-key' }],
  ['order-2', { publicKey: 'ssh-ed25519 AAAA' }, { refused: 'wrong-key' }],
  ['order-2', { publicKey: '' }, { refused: 'wrong-key' }],
])('%s with %j: %j', (user, proof, expected) => expect(decideLogin(options, { user, address: 'a', proof })).toEqual(expected));

test('a hash of nothing opens nothing', () => {
  expect(decideLogin(options, { user: 'order-9', address: 'a', proof: { secretHash: '0'.repeat(64) } })).toEqual({ refused: 'unknown-grant' });
});
