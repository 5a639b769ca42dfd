import { plus } from '@fogbow/request-model';
import type { Quota } from '@fogbow/request-model';

type AskQuota = (signal: AbortSignal) => Promise<Quota | undefined>;

/** What several accounts have together; undefined when one of them does not say. */
export function createSumQuotas(accounts: readonly AskQuota[]): AskQuota {
  return async (signal) => {
    const quotas = await Promise.all(accounts.map((ask) => ask(signal)));
    return quotas.reduce((sum, quota) => sum && quota && { limit: plus(sum.limit, quota.limit), used: plus(sum.used, quota.used) });
  };
}

/** What those of several clouds have that say it; undefined when none does. One of them alone is told as it is. */
export function createSumTold(clouds: readonly AskQuota[]): AskQuota {
  return async (signal) => {
    const told = (await Promise.all(clouds.map((ask) => ask(signal)))).filter((quota) => quota !== undefined);
    return told.length === 0 ? undefined : told.reduce((sum, quota) => ({ limit: plus(sum.limit, quota.limit), used: plus(sum.used, quota.used) }));
  };
}
