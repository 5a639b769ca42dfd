import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { NOTHING, oneOf, plus } from '@fogbow/request-model';
import type { Amount, MemberId, ResourceKind, UserRef } from '@fogbow/request-model';
import type { SizeOf, SizeWish } from './machine-size.js';

/** What the machines, volumes and networks of a user are right now, at all members or at one; of our own users where no requester is named. */
export type MeasureUse = (user: Pick<UserRef, 'id'>, provider?: MemberId, requester?: MemberId) => Promise<Amount>;

export interface MeasureOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly sizeOf: SizeOf;
}

/** Use case: every order that has an instance, or is getting one, counts. */
export function createMeasureUse({ self, database, sizeOf }: MeasureOptions): MeasureUse {
  return async (user, provider, requester = self) => {
    const { rows } = await sql<Row>`
      select kind, provider, spec ->> 'flavor' as flavor, spec ->> 'requirements' as requirements, count(*)::integer as count, coalesce(sum((spec ->> 'sizeGb')::integer), 0)::integer as gb
      from orders
      where requester = ${requester} and owner_id = ${user.id} and kind <> 'attachment' and state in ('spawning', 'fulfilled')
        ${provider ? sql`and provider = ${provider}` : sql``}
      group by 1, 2, 3, 4`.execute(database);
    return rows.reduce((sum, row) => plus(sum, useOf(row, sizeOf)), NOTHING);
  };
}

type Row = SizeWish & { readonly kind: ResourceKind; readonly count: number; readonly gb: number };

function useOf(row: Row, sizeOf: SizeOf): Amount {
  if (row.kind === 'storage') return { ...NOTHING, volumes: row.count, volumeGb: row.gb };
  if (row.kind === 'network') return { ...NOTHING, networks: row.count };
  return times(oneOf(sizeOf(row) ?? { vcpu: 0, ramMb: 0 }), row.count);
}

const times = ({ instances, vcpu, ramMb }: Amount, count: number): Amount => ({ instances: instances * count, vcpu: vcpu * count, ramMb: ramMb * count });
