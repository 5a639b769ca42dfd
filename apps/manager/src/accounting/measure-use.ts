import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NOTHING, oneOf, plus } from '@fogbow/request-model';
import type { Amount, MemberId, UserRef } from '@fogbow/request-model';
import type { SizeOf, SizeWish } from './machine-size.js';

/** What the machines of a user are right now, at all members or at one. */
export type MeasureUse = (user: UserRef, provider?: MemberId) => Promise<Amount>;

export interface MeasureOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly sizeOf: SizeOf;
}

/** Use case: every order that has a machine, or is getting one, counts. */
export function createMeasureUse({ self, database, sizeOf }: MeasureOptions): MeasureUse {
  return async (user, provider) => {
    const { rows } = await sql<SizeWish & { machines: number }>`
      select provider, spec ->> 'flavor' as flavor, spec ->> 'requirements' as requirements, count(*) as machines from orders
      where requester = ${self} and owner_id = ${user.id} and kind = 'compute' and state in ('spawning', 'fulfilled')
        ${provider ? sql`and provider = ${provider}` : sql``}
      group by 1, 2, 3`.execute(database);
    return rows.reduce((sum, row) => plus(sum, times(oneOf(sizeOf(row) ?? { vcpu: 0, ramMb: 0 }), row.machines)), NOTHING);
  };
}

const times = ({ instances, vcpu, ramMb }: Amount, count: number): Amount => ({ instances: instances * count, vcpu: vcpu * count, ramMb: ramMb * count });
