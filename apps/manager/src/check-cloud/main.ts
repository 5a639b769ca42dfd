import { parseArgs } from 'node:util';
import { COMMON_SETTINGS, loadConfig, systemClock } from '@fogbow/service-runtime';
import { configurationFaults } from '../check-configuration.js';
import { readClouds } from '../clouds/read-clouds.js';
import { createPlugin } from '../plugins.js';
import { SETTINGS } from '../settings.js';
import { askCloud } from './ask-cloud.js';

/**
 * Whether the clouds of a Manager's configuration take their credentials: `node main.js --config FILE`. One line of JSON, { ok, says }; exit status 0
 * or 1. Every account that has credentials is tried; nothing of a cloud is changed, and no database is needed. For `fogbow doctor`.
 */
const TIMEOUT_MS = 20_000;

async function check(file: string | undefined): Promise<string> {
  // eslint-disable-next-line no-restricted-properties -- another main function of the Manager, with the same settings
  const { values, faults: own } = loadConfig({ ...COMMON_SETTINGS, ...SETTINGS }, { file, env: process.env });
  const faults = own.length > 0 ? own : configurationFaults(values);
  if (faults.length > 0) throw new Error(`The configuration has faults: ${faults.join(' ')}`);
  const host = { memberId: String(values['member.id']), log: { info: () => undefined, warn: () => undefined }, now: systemClock.now };
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return (await Promise.all(readClouds(values).map((cloud) => askCloud(cloud, createPlugin('cloud', cloud.values, host), signal)))).join('; ');
}

function tell(ok: boolean, says: string): void {
  process.stdout.write(`${JSON.stringify({ ok, says })}\n`, () => process.exit(ok ? 0 : 1));
}

const { values } = parseArgs({ options: { config: { type: 'string' } } });
check(values.config).then((says) => tell(true, says), (error: unknown) => tell(false, (error as Error).message));
