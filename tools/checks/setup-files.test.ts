import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SettingsTable } from '@fogbow/plugin-contracts';
import { loadConfig } from '@fogbow/service-runtime';
import { SETTINGS as MANAGER } from '../../apps/manager/src/settings.js';
import { SETTINGS as RENDEZVOUS } from '../../apps/rendezvous/src/config.js';
import { TUNNEL_SETTINGS } from '../../apps/reverse-tunnel/src/settings.js';
import { createProgram } from '../../apps/setup/src/create-program.js';

const owner = process.getuid?.() === 0 ? '10001:10001' : `${process.getuid?.()}:${process.getgid?.()}`;
const folder = mkdtempSync(join(tmpdir(), 'fogbow-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

const WRITTEN: readonly (readonly [string, SettingsTable])[] = [
  ...['api', 'worker', 'federation'].map((role) => [`internal/config/manager/manager-${role}.yaml`, MANAGER] as const),
  ['internal/config/rendezvous/rendezvous.yaml', RENDEZVOUS],
  ['external/config/reverse-tunnel/reverse-tunnel.yaml', TUNNEL_SETTINGS],
];
const CASES = [['trial', 'trial'], ['files of the operator', 'files']] as const;

describe.each(CASES)('with certificates of %s', (_what, certificates) => {
  const to = join(folder, certificates);
  beforeAll(() => createProgram({ templates: join(__dirname, '../../deploy'), version: '1', ask: undefined, write: () => undefined, note: () => undefined, now: () => new Date(), cloudProgram: '', fail: () => undefined })
    .parseAsync(['--yes', '--directory', to, '--domain', 'a.test', '--internal-address', '10.71.0.2', '--public-address', '198.51.100.1', '--inside-address', '10.71.0.1', '--owner', owner, '--certificates', certificates], { from: 'user' }));

  test.each(WRITTEN)('every setting of %s is one, and has a value that it may have', (path, table) => {
    // As a container finds it, whose secrets are elsewhere.
    const file = join(to, 'as-mounted.yaml');
    writeFileSync(file, readFileSync(join(to, path), 'utf8').replaceAll('/run/secrets/', join(to, path.split('/')[0] ?? '', 'secrets/')));
    expect(loadConfig(table, { file }).faults).toEqual([]);
  });
});
