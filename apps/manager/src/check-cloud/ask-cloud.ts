import type { CloudCredentials, CloudPlugin } from '@fogbow/plugin-contracts';
import type { ConfiguredCloud } from '../clouds/read-clouds.js';
import { DEFAULT_ACCOUNT } from '../credentials/map-account.js';

/**
 * Has a cloud of the configuration say whether it takes each account that has credentials; where none has any, as with a cloud that knows nobody, the shared one.
 * Changes nothing. Rejects with a sentence for each account that is not taken.
 */
export async function askCloud({ name, values, accounts }: ConfiguredCloud, plugin: CloudPlugin, signal: AbortSignal): Promise<string> {
  const asked = accountsToAsk(accounts);
  const answers = await Promise.allSettled(asked.map(([, read]) => askAs(plugin, read, signal)));
  const faults = answers.flatMap((answer, index) => (answer.status === 'rejected' ? [`${placeOf(name, asked[index]?.[0])}: ${(answer.reason as Error).message}`] : []));
  if (faults.length > 0) throw new Error(faults.join('; '));
  const [only = ''] = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  return `${String(values['cloud.plugin'])}: ${asked.length === 1 ? only : `takes the credentials of all ${asked.length} accounts`}`;
}

type Read = () => CloudCredentials;

/** One whose credentials cannot be read is asked too, and says why. */
function accountsToAsk(accounts: ConfiguredCloud['accounts']): [string, Read][] {
  const given = [...accounts].filter(([, read]) => hasAny(read));
  return given.length > 0 ? given : [[DEFAULT_ACCOUNT, () => ({})]];
}

function hasAny(read: Read): boolean {
  try {
    return Object.keys(read()).length > 0;
  } catch {
    return true;
  }
}

async function askAs(plugin: CloudPlugin, read: Read, signal: AbortSignal): Promise<string> {
  const call = { token: await plugin.identity.issue(read(), signal), signal };
  if (plugin.examine) return await plugin.examine(call);
  const { limit, used } = await plugin.compute.quota(call);
  return `takes the credentials; ${used.instances} machines are in use${Number.isFinite(limit.instances) ? ` of ${limit.instances}` : ''}`;
}

const placeOf = (cloud: string, account = DEFAULT_ACCOUNT): string => (account === DEFAULT_ACCOUNT ? cloud : `${cloud}, account ${account}`);
