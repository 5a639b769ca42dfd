import { parseArgs } from 'node:util';
import { COMMON_SETTINGS, loadConfig, systemClock } from '@fogbow/service-runtime';
import { configurationFaults } from '../check-configuration.js';
import { readClouds } from '../clouds/read-clouds.js';
import type { ConfiguredCloud } from '../clouds/read-clouds.js';
import { DEFAULT_ACCOUNT } from '../credentials/map-account.js';
import { createPlugin } from '../plugins.js';
import { SETTINGS } from '../settings.js';

/**
 * Whether the clouds of a Manager's configuration take their credentials: `node main.js --config FILE`. One line of JSON, { ok, says }; exit status 0
 * or 1. Nothing of a cloud is changed, and no database is needed. For `fogbow doctor`.
 */
const TIMEOUT_MS = 20_000;

async function check(file: string | undefined): Promise<string> {
  // eslint-disable-next-line no-restricted-properties -- another main function of the Manager, with the same settings
  const { values, faults: own } = loadConfig({ ...COMMON_SETTINGS, ...SETTINGS }, { file, env: process.env });
  const faults = own.length > 0 ? own : configurationFaults(values);
  if (faults.length > 0) throw new Error(`The configuration has faults: ${faults.join(' ')}`);
  const memberId = String(values['member.id']);
  return (await Promise.all(readClouds(values).map((cloud) => ask(cloud, memberId)))).join('; ');
}

async function ask({ name, values, accounts }: ConfiguredCloud, memberId: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const plugin = createPlugin('cloud', values, { memberId, log: { info: () => undefined, warn: () => undefined }, now: systemClock.now });
    const token = await plugin.identity.issue(accounts.get(DEFAULT_ACCOUNT)?.() ?? {}, signal);
    const { limit, used } = await plugin.compute.quota({ token, signal });
    return `${String(values['cloud.plugin'])} takes the credentials; ${used.instances} machines are in use${Number.isFinite(limit.instances) ? ` of ${limit.instances}` : ''}`;
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

function tell(ok: boolean, says: string): void {
  process.stdout.write(`${JSON.stringify({ ok, says })}\n`, () => process.exit(ok ? 0 : 1));
}

const { values } = parseArgs({ options: { config: { type: 'string' } } });
check(values.config).then((says) => tell(true, says), (error: unknown) => tell(false, (error as Error).message));
