import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { MemberId, ResourceKind } from '@fogbow/request-model';
import { UNCOUNTED } from './question-id.js';

/** What we know of the orders of other members beside the orders themselves. */
export interface ServedBooks {
  /** Requests for this attempt or an earlier one that are still on their way will be refused; of a requester that counts none, those of the next moments. */
  rememberRemoved(requester: MemberId, orderId: string, attempt: number): Promise<void>;
  wasRemoved(requester: MemberId, orderId: string, attempt: number): Promise<boolean>;
  /** The order that a member placed here, by the id of its instance in our cloud; of any kind where none is wanted, and then of a machine first; one that is being removed last. */
  orderOfInstance(requester: MemberId, instanceId: string, kind?: ResourceKind): Promise<string | undefined>;
}

/** Beyond the 15 s for which originals wait (spec §3.2). What they ask for later is another instance for the same order (spec §2.1). */
const ON_ITS_WAY_MS = 20_000;

export function createServedBooks(database: Kysely<unknown>): ServedBooks {
  return {
    async rememberRemoved(requester, orderId, attempt) {
      await sql`insert into removed_orders (requester, order_id, attempt) values (${requester}, ${orderId}, ${attempt})
        on conflict (requester, order_id) do update set attempt = greatest(removed_orders.attempt, excluded.attempt), at = now()`.execute(database);
    },
    async wasRemoved(requester, orderId, attempt) {
      const { rows } = await sql`select 1 from removed_orders where requester = ${requester} and order_id = ${orderId} and attempt >= ${attempt}
          ${attempt === UNCOUNTED ? sql`and at > now() - make_interval(secs => ${ON_ITS_WAY_MS / 1000})` : sql``}`.execute(database);
      return rows.length > 0;
    },
    async orderOfInstance(requester, instanceId, kind) {
      const { rows } = await sql<{ id: string }>`select id from orders
        where requester = ${requester} and instance ->> 'id' = ${instanceId} and instance is not null
          ${kind ? sql`and kind = ${kind}` : sql``} order by (state = 'deleted'), (kind = 'compute') desc limit 1`.execute(database);
      return rows[0]?.id;
    },
  };
}
