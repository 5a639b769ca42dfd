import type { ResourceKind } from '@fogbow/request-model';
import type { CloudCalls } from '../fulfilment/cloud-calls.js';
import type { LookRound } from '../fulfilment/look-round.js';
import type { ResourceDrivers } from '../fulfilment/resource-driver.js';
import type { Found } from './find-orphans.js';

/** Everything that our cloud has of ours: one list for each kind and account. */
export function createListOurInstances({ accounts, drivers }: { readonly accounts: readonly { readonly calls: CloudCalls }[]; readonly drivers: ResourceDrivers }): (signal: AbortSignal, round: LookRound) => Promise<readonly Found[]> {
  return async (signal, round) => (await Promise.all(accounts.flatMap(({ calls }) => Object.entries(drivers).map(async ([kind, driver]) =>
    (await round.listOnce(calls, kind as ResourceKind, () => calls.run(signal, 'list', (call) => driver.list(call)))).map(({ clientToken }) => ({ kind: kind as ResourceKind, clientToken })))))).flat();
}
