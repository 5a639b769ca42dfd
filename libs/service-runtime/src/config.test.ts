import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SettingsTable } from '@fogbow/plugin-contracts';
import { environmentName, loadConfig, loadPluginSettings, printableConfig } from './config.js';
import { redact } from './logger.js';

const table = {
  'http.port': { type: 'port', default: 8080, meaning: 'Port.' },
  'redis.url': { type: 'string', secret: true, meaning: 'Redis.' },
  'periods.monitor': { type: 'duration', default: '2m', meaning: 'Period.' },
  'cloud.settings': { type: 'map', default: {}, meaning: 'Plugin settings.' },
  colour: { type: 'string', optional: true, oneOf: ['red', 'blue'], meaning: 'Colour.' },
} as const satisfies SettingsTable;

describe('configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'config-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const file = (text: string): string => {
    const path = join(directory, `${Math.random()}.yaml`);
    writeFileSync(path, text);
    return path;
  };

  test('environment beats file beats default', () => {
    const path = file('http: { port: 1 }\nredis: { url: a }\ncloud: { settings: { deep: { er: 1 } } }\n');
    expect(loadConfig(table, { file: path, env: { FOGBOW_HTTP_PORT: '2' } })).toEqual({
      faults: [], values: { 'http.port': 2, 'redis.url': 'a', 'periods.monitor': 120_000, 'cloud.settings': { deep: { er: 1 } } },
    });
  });

  test('every fault is listed at once', () => {
    const { faults } = loadConfig(table, { file: file('http: { port: many }\nperiods: { monitor: 5 }\nsurprise: 1\ncolour: green\n'), env: {} });
    expect(faults).toEqual([
      'http.port must be a port, 0 to 65535, not "many".',
      'redis.url is missing: Redis.',
      'periods.monitor must be a duration such as 30s, 5m or 250ms, not 5.',
      'colour must be one of red, blue, not "green".',
      'surprise is not a setting; see --print-config for all there are.',
    ]);
  });

  test('a secret may come from a file and is never printed', () => {
    const secret = file('s3cret\n');
    const { values, faults } = loadConfig(table, { file: file(`redis: { urlFile: "${secret}" }`), env: {} });
    expect([faults, values['redis.url']]).toEqual([[], 's3cret']);
    expect(printableConfig(table, values)['redis.url']).toBe('***');
  });

  test('durations are printed as people write them', () => {
    expect(['2m', '90s', '1500ms', '0s', '1d'].map((text) => printableConfig(table, loadConfig(table, { env: { FOGBOW_PERIODS_MONITOR: text } }).values)['periods.monitor'])).toEqual(['2m', '90s', '1500ms', '0ms', '1d']);
  });

  test('names of variables', () => expect(environmentName('tunnel.redisUrl')).toBe('FOGBOW_TUNNEL_REDIS_URL'));

  test('settings of plugins are held to their own table', () => {
    expect(loadPluginSettings({ size: { type: 'integer', meaning: 'Size.' } }, { size: 'x', odd: 1 }, 'cloud.settings').faults).toEqual([
      'cloud.settings.size must be a whole number.', 'cloud.settings.odd is not a setting of this plugin.',
    ]);
  });
});

test('secrets are masked in logs wherever they stand', () => {
  const cause = new Error('inner');
  expect(redact({ token: 'x', deep: [{ userPassword: 'y', name: 'n' }], error: new Error('e', { cause }) })).toMatchObject({
    token: '***', deep: [{ userPassword: '***', name: 'n' }], error: { message: 'e', cause: { message: 'inner' } },
  });
});
