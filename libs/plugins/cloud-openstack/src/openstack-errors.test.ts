import { FogbowError } from '@fogbow/plugin-contracts';
import { errorOf, orAbsent, recoded } from './openstack-errors.js';

it.each<[string, number, unknown, string]>([
  ['a token', 401, { error: { message: 'x' } }, 'cloud-unauthorized'],
  ['Nova, full', 403, { forbidden: { message: 'Quota exceeded for instances: Requested 1, but already used 10 of 10 instances', code: 403 } }, 'quota-exceeded'],
  ['Cinder, full', 413, { overLimit: { message: 'VolumeLimitExceeded', code: 413, retryAfter: '0' } }, 'quota-exceeded'],
  ['Neutron, full', 409, { NeutronError: { type: 'OverQuota', message: 'Quota exceeded for resources: [\'network\'].' } }, 'quota-exceeded'],
  ['Neutron, no address left', 409, { NeutronError: { type: 'IpAddressGenerationFailure', message: 'No more IP addresses available' } }, 'quota-exceeded'],
  ['a missing right', 403, { forbidden: { message: 'Policy does not allow it' } }, 'cloud-rejected'],
  ['nothing there', 404, { itemNotFound: { message: 'Instance x could not be found.' } }, 'not-found'],
  ['another state', 409, { conflictingRequest: { message: 'Cannot \'suspend\'' } }, 'conflict'],
  ['nonsense', 400, { badRequest: { message: 'Invalid input' } }, 'cloud-rejected'],
  ['a proxy', 502, '<html><body>Bad Gateway</body></html>', 'cloud-unavailable'],
  ['too much', 429, undefined, 'cloud-unavailable'],
])('tells %s', (_name, status, body, code) => {
  expect(errorOf({ status, body, what: 'GET x of compute' }).code).toBe(code);
});

it('hands on what the service says, without its marks and not too much of it', () => {
  const { message } = errorOf({ status: 400, body: { badRequest: { message: `No such <b>image</b>\n${'x'.repeat(1000)}` } }, what: 'POST servers of compute' });
  expect(message).toContain('No such image');
  expect(message.length).toBeLessThan(400);
});

it('takes absence for an answer, and no other error', async () => {
  await expect(orAbsent(Promise.reject(new FogbowError('not-found', 'x')))).resolves.toBeUndefined();
  await expect(orAbsent(Promise.reject(new FogbowError('conflict', 'x')))).rejects.toMatchObject({ code: 'conflict' });
  expect(recoded(new FogbowError('conflict', 'x'), { conflict: 'cloud-rejected' })).toMatchObject({ code: 'cloud-rejected', message: 'x' });
  expect(recoded('other', { conflict: 'cloud-rejected' })).toBe('other');
});
