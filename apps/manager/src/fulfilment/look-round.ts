import type { ResourceKind } from '@fogbow/request-model';
import type { CloudCalls } from './cloud-calls.js';
import type { Resource } from './resource-driver.js';

/**
 * One look at everything that our cloud has: it is asked for each of its lists once, however many pages of orders there are, and whoever else in the round
 * needs the list. What came after the list is asked for by its id. A failure is the round's answer too.
 */
export interface LookRound {
  listOnce(account: CloudCalls, kind: ResourceKind, ask: () => Promise<readonly Resource[]>): Promise<readonly Resource[]>;
}

export function createLookRound(): LookRound {
  const lists = new Map<CloudCalls, Map<ResourceKind, Promise<readonly Resource[]>>>();
  return {
    listOnce(account, kind, ask) {
      const ofAccount = lists.get(account) ?? new Map<ResourceKind, Promise<readonly Resource[]>>();
      lists.set(account, ofAccount);
      const known = ofAccount.get(kind);
      if (known) return known;
      const asked = ask();
      ofAccount.set(kind, asked);
      return asked;
    },
  };
}
