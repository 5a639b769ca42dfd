import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NOTHING, oneOf, plus } from '@fogbow/request-model';
import type { Amount, MemberId } from '@fogbow/request-model';
import type { SizeOf } from '../accounting/machine-size.js';
import type { Holder } from './plan-room.js';

export interface HoldersOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly sizeOf: SizeOf;
}

interface SizedRow {
  id: string; requester: MemberId; since: Date; flavor: string | null; requirements: string | null;
}

/** The orders that have a machine in our cloud, and what is on its way out of it. */
export interface ReadHolders {
  holders(): Promise<readonly Holder[]>;
  /** Room that comes by itself since machines are being removed. */
  leaving(): Promise<Amount>;
  /** Removals hang: who gave way now would make no room. */
  isStuck(): Promise<boolean>;
}

/** A removal that takes longer than this hangs: its room cannot be counted on. */
const STUCK_SECONDS = 60;
/** One that hangs so long is a matter for people, and is not waited for. */
const HOPELESS_SECONDS = 3600;

export function createReadHolders({ self, database, sizeOf }: HoldersOptions): ReadHolders {
  const amountOf = ({ flavor, requirements }: Pick<SizedRow, 'flavor' | 'requirements'>): Amount => oneOf(sizeOf({ provider: self, flavor, requirements }) ?? { vcpu: 0, ramMb: 0 });
  return {
    async holders() {
      const { rows } = await sql<SizedRow>`
        select id, requester, coalesce(fulfilled_at, state_since) as since, spec ->> 'flavor' as flavor, spec ->> 'requirements' as requirements
        from orders where state = 'fulfilled' and provider = ${self} and kind = 'compute'`.execute(database);
      return rows.map((row) => ({ id: row.id, requester: row.requester, since: row.since, amount: amountOf(row) }));
    },
    async leaving() {
      const { rows } = await sql<Pick<SizedRow, 'flavor' | 'requirements'>>`
        select a.flavor, a.requirements from releases r join order_accounts a using (order_id)
        where r.member = ${self} and a.kind = 'compute' and r.since > now() - make_interval(secs => ${STUCK_SECONDS})
          and exists (select 1 from order_history h where h.order_id = r.order_id and h.incarnation = r.incarnation and h.provider = ${self} and h.to_state = 'spawning')`.execute(database);
      return rows.reduce((sum, row) => plus(sum, amountOf(row)), NOTHING);
    },
    async isStuck() {
      const { rows } = await sql`select 1 from releases where member = ${self} and kind = 'compute'
        and since between now() - make_interval(secs => ${HOPELESS_SECONDS}) and now() - make_interval(secs => ${STUCK_SECONDS}) limit 1`.execute(database);
      return rows.length > 0;
    },
  };
}
