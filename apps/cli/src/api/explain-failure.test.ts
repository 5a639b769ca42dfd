import { notAManager, refusal, unreachable } from './explain-failure.js';

test.each<[string, number, unknown, string, string | undefined]>([
  ['problem details', 400, { detail: 'There is no flavor x.', code: 'unsupported-attribute', requestId: 'r1' }, 'There is no flavor x. (unsupported-attribute, HTTP 400, request r1)', undefined],
  ['a title without a detail', 409, { title: 'Busy' }, 'Busy (HTTP 409)', undefined],
  ['what is needed by others', 409, { detail: 'In use.', ids: ['11111111-1111-4111-8111-111111111111', '; rm -rf /', 7] }, 'In use. (HTTP 409)', 'Delete what is in the way first: fogbow order delete 11111111-1111-4111-8111-111111111111'],
  ['a text', 400, 'Irregular Syntax.', 'Irregular Syntax. (HTTP 400)', undefined],
  ['a page of a proxy', 502, '<html>…</html>', 'The Manager answered 502. (HTTP 502)', undefined],
  ['nothing', 500, '', 'The Manager answered 500. (HTTP 500)', undefined],
  ['a token that is not good', 401, { detail: 'Unauthorized user.' }, 'Unauthorized user. (HTTP 401)', 'Log in with: fogbow login --url http://m'],
  ['a full quota', 419, { detail: 'Quota exceeded' }, 'Quota exceeded (HTTP 419)', 'See what is left with: fogbow quota'],
])('%s', (_name, status, body, message, advice) => {
  const error = refusal('http://m', status, body);
  expect([error.message, error.advice, error.exitCode]).toEqual([message, advice, 1]);
});

test('says why there is no connection, and what to do', () => {
  const error = unreachable('http://m', 'ECONNREFUSED', new Error('x'));
  expect(error.message).toBe('Cannot reach http://m: nobody listens there (connection refused).');
  expect(error.advice).toContain('FOGBOW_URL');
  expect(error.exitCode).toBe(3);
  expect(unreachable('https://m', 'DEPTH_ZERO_SELF_SIGNED_CERT', undefined).advice).toContain('NODE_EXTRA_CA_CERTS');
  expect(notAManager('http://m').message).toContain('not as a Fogbow Manager');
});
