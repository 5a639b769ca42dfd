import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authOf } from './keystone-identity.js';
import { stageOpenStack } from './staged-openstack.js';
import type { StagedOpenStack } from './staged-openstack.js';

let stage: StagedOpenStack;
const folder = mkdtempSync(join(tmpdir(), 'fogbow-keystone-'));
beforeAll(async () => { stage = await stageOpenStack(); });
afterAll(async () => {
  await stage.close();
  rmSync(folder, { recursive: true });
});

it('speaks the three methods', () => {
  const project = { project: { name: 'p', domain: { name: 'Default' } } };
  expect(authOf({ username: 'u', password: 'x', project: 'p' })).toEqual({ identity: { methods: ['password'], password: { user: { name: 'u', domain: { name: 'Default' }, password: 'x' } } }, scope: project });
  expect(authOf({ userId: 'id', password: 'x', projectId: 'pid' })).toEqual({ identity: { methods: ['password'], password: { user: { id: 'id', password: 'x' } } }, scope: { project: { id: 'pid' } } });
  expect(authOf({ applicationCredentialId: 'a', applicationCredentialSecret: 's' })).toEqual({ identity: { methods: ['application_credential'], application_credential: { id: 'a', secret: 's' } } });
  expect(authOf({ token: 't', project: 'p' })).toEqual({ identity: { methods: ['token'], token: { id: 't' } }, scope: project });
});

it('reads a secret from its file each time', async () => {
  const { identity } = stage.plugin();
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, 'right\n');
  const { value, expiresAt } = await identity.issue({ username: 'u', project: 'p', passwordFile }, stage.call.signal);
  expect([value, expiresAt?.getTime()]).toEqual(['good', Date.parse('2030-01-01T00:00:00Z')]);
  writeFileSync(passwordFile, 'wrong');
  await expect(identity.issue({ username: 'u', project: 'p', passwordFile }, stage.call.signal)).rejects.toMatchObject({ code: 'cloud-unauthorized' });
});

it.each([
  [{}, 'needs username with password'], [{ username: 'u', password: 'p' }, 'names no project'], [{ user: 'u' }, 'does not know user'], [{ username: 'u', passwordFile: '/nowhere', project: 'p' }, 'cannot read passwordFile'],
])('says what is wrong with %j', async (credentials, words) => {
  await expect(stage.plugin().identity.issue(credentials as Record<string, string>, stage.call.signal)).rejects.toMatchObject({ code: 'cloud-unauthorized', message: expect.stringContaining(words) as string });
});
