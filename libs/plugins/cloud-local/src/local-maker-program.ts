import { isFogbowError } from '@fogbow/plugin-contracts';
import type { InstanceRequest, SettingValues } from '@fogbow/plugin-contracts';
import { localCloud } from './local-cloud.js';

/**
 * For tests: a process that creates machines, all at once, and ends: `node maker.js SETTINGS REQUESTS`, both JSON. Prints
 * the ids, with the code of the error where a create was refused.
 */
async function main(settings: SettingValues, requests: readonly InstanceRequest[]): Promise<void> {
  const cloud = localCloud.create(settings, { memberId: 'site-a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date() });
  const call = { token: { value: 'local' }, signal: AbortSignal.timeout(20_000) };
  const made = await Promise.all(requests.map((request) => cloud.compute.create(request, call).then(({ id }) => id, (error: unknown) => {
    if (isFogbowError(error)) return error.code;
    throw error;
  })));
  process.stdout.write(JSON.stringify(made));
}

const [settings = '{}', requests = '[]'] = process.argv.slice(2);
main(JSON.parse(settings) as SettingValues, JSON.parse(requests) as InstanceRequest[]).catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
