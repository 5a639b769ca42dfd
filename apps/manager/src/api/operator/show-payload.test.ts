import * as fc from 'fast-check';
import { showPayload } from './show-payload.js';

test('what says which and where is shown, what may be a secret is not', () => {
  expect(showPayload({
    manager: 'manager.test', grants: [{ id: 'g1', secretHash: 'abc', publicKey: 'ssh-ed25519 AAAA', owner: 'alice', services: [{ name: 'ssh', port: 28_000 }] }],
    origin: { requestId: 'r', traceparent: '00-1' },
  })).toEqual({
    manager: 'manager.test', grants: [{ id: 'g1', secretHash: '(not shown)', publicKey: '(not shown)', owner: '(not shown)', services: [{ name: 'ssh', port: 28_000 }] }],
    origin: { requestId: 'r', traceparent: '(not shown)' },
  });
  expect(showPayload({ how: 'request', to: 'manager.other', message: 'order', payload: { token: 't', userData: 'u' }, until: '2026' })).toEqual({ how: 'request', to: 'manager.other', message: 'order', payload: '(not shown)', until: '2026' });
  expect([showPayload({}), showPayload(null), showPayload(undefined), showPayload({ reply: 's3cret' })]).toEqual([{}, null, undefined, { reply: '(not shown)' }]);
});

test('nothing that lies under a name of its own is shown, however deep', () => {
  fc.assert(fc.property(fc.object({ maxDepth: 12, key: fc.constantFrom('grants', 'id', 'where', 'payload', 'token'), values: [fc.constant('open')] }), fc.constantFrom('payload', 'token', 'secret'), (value, name) => {
    expect(JSON.stringify(showPayload({ grants: [value, { [name]: 's3cret' }], [name]: value }))).not.toContain('s3cret');
  }));
});
