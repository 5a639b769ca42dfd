import type { UserRef } from '@fogbow/request-model';
import { ORDER_STATES } from '@fogbow/request-model';
import { markDeleted } from './delete-order.js';
import type { DeleteOptions } from './delete-order.js';

/** Answers how many orders were deleted. */
export type DeleteOrders = (owner: UserRef) => Promise<number>;

const PAGE = 200;
/** Their commits share the disk; other requests keep some of the connections. */
const AT_ONCE = 5;
const LIVE = ORDER_STATES.filter((state) => state !== 'deleted');

/** Use case: the owner wants all of their orders gone (spec §1.2), those that need others with them. Orders submitted meanwhile stay. */
export function createDeleteOrders(options: DeleteOptions): DeleteOrders {
  return async (owner) => {
    let deleted = 0;
    for (let after: { createdAt: Date; id: string } | undefined; ;) {
      const page = await options.store.list({ requester: options.self, ownerId: owner.id, states: LIVE, limit: PAGE, ...(after ? { after } : {}) });
      for (let from = 0; from < page.length; from += AT_ONCE) {
        await Promise.all(page.slice(from, from + AT_ONCE).map((order) => markDeleted(options, order, 'deleted by its owner')));
      }
      deleted += page.length;
      const last = page.at(-1);
      if (!last || page.length < PAGE) return deleted;
      after = last;
    }
  };
}
