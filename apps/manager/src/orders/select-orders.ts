import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { ORDER_STATES, ORDER_TYPES, RESOURCE_KINDS } from '@fogbow/request-model';
import type { MemberId, OrderState, OrderType, ResourceKind } from '@fogbow/request-model';

export interface OwnerFilter {
  readonly requester: MemberId;
  readonly ownerId: string;
}

export interface ListFilter extends OwnerFilter {
  readonly states?: readonly OrderState[];
  readonly batchId?: string;
  readonly kind?: ResourceKind;
  readonly type?: OrderType;
  readonly provider?: MemberId;
  readonly oldestFirst?: boolean;
  /** Position after which the page starts: creation time and id of the last order seen. */
  readonly after?: { readonly createdAt: Date; readonly id: string };
  readonly limit: number;
}

/** One page of an owner's orders by their age; `select` names what is wanted of orders o. Whatever it is narrowed to, it reads little more than the page from an index (0004-listing). */
export async function selectOrders<Row>(database: Kysely<unknown>, select: RawBuilder<unknown>, filter: ListFilter): Promise<Row[]> {
  const narrowed = !filter.batchId && !filter.provider && (filter.states || filter.kind || filter.type);
  const { rows } = await (narrowed ? bySlots<Row>(select, filter) : byOwner<Row>(select, filter)).execute(database);
  return rows;
}

function byOwner<Row>(select: RawBuilder<unknown>, filter: ListFilter): RawBuilder<Row> {
  return sql<Row>`${select} from orders o
    where o.requester = ${filter.requester} and o.owner_id = ${filter.ownerId}
      ${filter.batchId ? sql`and o.batch_id = ${filter.batchId}` : sql``}
      ${filter.provider ? sql`and o.provider = ${filter.provider}` : sql``}
      ${filter.states ? sql`and o.state = any(${[...filter.states]})` : sql``}
      ${filter.kind ? sql`and o.kind = ${filter.kind}` : sql``}
      ${filter.type ? sql`and o.type = ${filter.type}` : sql``}
      ${pageOf(filter, sql`o`)}`;
}

/**
 * State, kind and type have few values each, so that their combinations are few. The first page of every combination that is wanted is read from the
 * index in order, and the first page of those pages is the answer: a rare combination is found at once however many orders there are.
 */
function bySlots<Row>(select: RawBuilder<unknown>, filter: ListFilter): RawBuilder<Row> {
  return sql<Row>`${select} from (
      select o.id, o.created_at
      from unnest(${[...filter.states ?? ORDER_STATES]}::text[]) as wanted_state
        cross join unnest(${filter.kind ? [filter.kind] : [...RESOURCE_KINDS]}::text[]) as wanted_kind
        cross join unnest(${filter.type ? [filter.type] : [...ORDER_TYPES]}::text[]) as wanted_type
        cross join lateral (
          select s.id, s.created_at from orders s
          where s.requester = ${filter.requester} and s.owner_id = ${filter.ownerId} and s.state = wanted_state and s.kind = wanted_kind and s.type = wanted_type
          ${pageOf(filter, sql`s`)}) as o
      ${orderOf(filter, sql`o`)}) as page
    join orders o on o.id = page.id ${orderOf(filter, sql`page`)}`;
}

const pageOf = (filter: ListFilter, table: RawBuilder<unknown>): RawBuilder<unknown> => {
  const { after, oldestFirst } = filter;
  return sql`${after ? sql`and (${table}.created_at, ${table}.id) ${oldestFirst ? sql`>` : sql`<`} (${after.createdAt}, ${after.id}::uuid)` : sql``} ${orderOf(filter, table)}`;
};

/** Most ask for pages of 50, which are read with the order after them. A limit in the statement's own text lets PostgreSQL keep the plan. */
const USUAL_LIMIT = 51;

const orderOf = ({ oldestFirst, limit }: ListFilter, table: RawBuilder<unknown>): RawBuilder<unknown> => {
  const direction = oldestFirst ? sql`asc` : sql`desc`;
  return sql`order by ${table}.created_at ${direction}, ${table}.id ${direction} limit ${limit === USUAL_LIMIT ? sql.lit(limit) : sql`${limit}`}`;
};
