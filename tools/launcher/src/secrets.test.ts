import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecrets } from './secrets.js';

it('keeps a secret across starts, for the owner only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fb-secrets-'));
  const token = createSecrets(folder).text('token-a');
  expect(token).toMatch(/^[\w-]{32}$/);
  expect(createSecrets(folder).text('token-a')).toBe(token);
  expect(createSecrets(folder).text('token-b')).not.toBe(token);
  expect(statSync(join(folder, 'token-a')).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(createSecrets(folder).keyFile('key'), 'utf8'), 'base64')).toHaveLength(32);
  rmSync(folder, { recursive: true });
});
