import type { CloudCredentials, CloudPlugin } from '@fogbow/plugin-contracts';
import { readClouds } from '../clouds/read-clouds.js';
import type { ConfiguredCloud } from '../clouds/read-clouds.js';
import { askCloud } from './ask-cloud.js';

const signal = new AbortController().signal;

/** Takes passwords that begin with `good`, and nobody without one unless it knows nobody. */
function cloud(knowsNobody = false, examine?: CloudPlugin['examine']): CloudPlugin {
  const issue = ({ password = '' }: CloudCredentials) => (knowsNobody || password.startsWith('good') ? Promise.resolve({ value: password }) : Promise.reject(new Error(`no ${password || 'password'}`)));
  const quota = () => Promise.resolve({ limit: { instances: 8, vcpu: 8, ramMb: 8 }, used: { instances: 3, vcpu: 0, ramMb: 0 } });
  return { identity: { issue }, compute: { quota }, ...(examine ? { examine } : {}) } as unknown as CloudPlugin;
}
const configured = (credentials: object, accounts: object = {}): ConfiguredCloud =>
  readClouds({ 'cloud.name': 'own', 'cloud.plugin': 'p', 'cloud.credentials': credentials, 'cloud.accounts': accounts, 'cloud.more': {} })[0] as ConfiguredCloud;
const good = { password: 'good' };

test.each([
  ['the shared account', configured(good), 'p: takes the credentials; 3 machines are in use of 8'],
  ['accounts alone, without a shared one', configured({}, { alice: good, bob: good }), 'p: takes the credentials of all 2 accounts'],
  ['the shared account and others', configured(good, { alice: good, bob: good }), 'p: takes the credentials of all 3 accounts'],
])('takes %s', async (_name, given, says) => expect(await askCloud(given, cloud(), signal)).toBe(says));

test.each([
  ['a wrong shared account', configured({ password: 'bad' }), /^own: no bad$/],
  ['wrong accounts beside a right one', configured(good, { alice: { password: 'bad' }, bob: good, carol: { password: 'worse' } }), /^own, account alice: no bad; own, account carol: no worse$/],
  ['an account whose file cannot be read', configured(good, { alice: { passwordFile: '/nowhere/x' } }), /^own, account alice: cloud\.accounts\.alice\.passwordFile cannot be read/],
  ['no credentials where some are needed', configured({}), /^own: no password$/],
])('refuses %s', async (_name, given, says) => await expect(askCloud(given, cloud(), signal)).rejects.toThrow(says));

test('a cloud that knows nobody is asked as everybody, in its own way where it has one', async () => {
  expect(await askCloud(configured({}), cloud(true), signal)).toBe('p: takes the credentials; 3 machines are in use of 8');
  expect(await askCloud(configured({}), cloud(true, () => Promise.resolve('its host answers')), signal)).toBe('p: its host answers');
});
