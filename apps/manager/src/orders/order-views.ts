import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { OrderState } from '@fogbow/request-model';
import { createBatcher } from '@fogbow/service-runtime';
import { isDatabaseAway, PREPARED, PREPARED_TUPLES } from '@fogbow/storage';
import { ORDER_COLUMNS, toOrderRecord } from './order-record.js';
import type { HistoryEntry, ListedOrder, OrderRecord, OrderRow } from './order-record.js';
import { selectOrders } from './select-orders.js';
import type { ListFilter, OwnerFilter } from './select-orders.js';

export interface OrderWithHistory {
  readonly order: OrderRecord;
  readonly history: readonly HistoryEntry[];
}

/** What is read for owners to see, in as few statements as may be: these are asked most. */
export interface OrderViews {
  /** Newest first unless asked otherwise. */
  list(filter: ListFilter): Promise<readonly ListedOrder[]>;
  /** Undefined also for the order of somebody else. */
  show(owner: OwnerFilter, id: string): Promise<OrderWithHistory | undefined>;
}

/** So many orders are read at once; each may hold most of a megabyte of user data. */
const MOST_AT_ONCE = 16;
/** With one alone a statement that is held up would hold up everybody. */
const STATEMENTS = 3;

export function createOrderViews(database: Kysely<unknown>): OrderViews {
  // Who asks while all statements are under way shares the next one: it begins after the question, so that its answer is never older.
  const read = createBatcher<string, OrderWithHistory | undefined>({
    maxItems: MOST_AT_ONCE, maxCalls: STATEMENTS, splitOnFailure: (error) => !isDatabaseAway(error), run: async (ids) => {
      const found = await selectWithHistory(database, [...new Set(ids)]);
      return ids.map((id) => found.get(id));
    },
  });
  return {
    list: async (filter) => (await selectOrders<OrderTuple>(database, sql`${PREPARED_TUPLES} select ${LISTED_COLUMNS}`, filter)).map(toListedOrder),
    async show({ requester, ownerId }, id) {
      const shown = await read(id);
      return shown?.order.requester === requester && shown.order.owner.id === ownerId ? shown : undefined;
    },
  };
}

/** The history comes in the order's own row, so that both are of the same moment. */
async function selectWithHistory(database: Kysely<unknown>, ids: readonly string[]): Promise<Map<string, OrderWithHistory>> {
  const { rows } = await sql<OrderRow & { history: MoveTuple[] | null }>`${PREPARED} select ${ORDER_COLUMNS}, ${HISTORY} as history from orders o
    where o.id = any(${[...ids]}::uuid[])`.execute(database);
  return new Map(rows.map((row) => [row.id, { order: toOrderRecord(row), history: (row.history ?? []).map(toHistoryEntry) }]));
}

const LISTED_COLUMNS = sql.raw(`o.id, o.batch_id, o.kind, o.type, o.state, o.requester, o.provider, o.spec, o.instance, o.valid_from, o.valid_until, o.created_at, o.state_since, o.reason,
  o.explanation, o.failure`);

/** What the table has for a field: null for what is absent. */
type Column<Field extends keyof ListedOrder> = undefined extends ListedOrder[Field] ? Exclude<ListedOrder[Field], undefined> | null : ListedOrder[Field];
type OrderTuple = [
  id: string, batchId: string, kind: Column<'kind'>, type: Column<'type'>, state: OrderState, requester: string, provider: Column<'provider'>, spec: Column<'spec'>,
  instance: Column<'instance'>, validFrom: Date | null, validUntil: Date | null, createdAt: Date, stateSince: Date, reason: string | null,
  explanation: Column<'explanation'> | null, failure: Column<'failure'>,
];

/** Every field is there, so that all orders of a list have one shape: what reads them is the faster for it. An absent one is undefined. */
function toListedOrder(row: OrderTuple): ListedOrder {
  const [id, batchId, kind, type, state, requester, provider, spec, instance, validFrom, validUntil, createdAt, stateSince, reason, explanation, failure] = row;
  const order: { [Field in keyof Required<ListedOrder>]: ListedOrder[Field] | undefined } = {
    id, batchId, kind, type, state, requester, spec, createdAt, stateSince, provider: provider ?? undefined, instance: instance ?? undefined,
    validFrom: validFrom ?? undefined, validUntil: validUntil ?? undefined, reason: reason ?? undefined, explanation: explanation ?? [], failure: failure ?? undefined,
  };
  return order as ListedOrder;
}

/** Times in it are milliseconds. */
const HISTORY = sql`(
  select json_agg(json_build_array(floor(extract(epoch from h.at) * 1000), h.from_state, h.to_state, h.event, h.reason, h.provider, h.incarnation) order by h.id)
  from order_history h where h.order_id = o.id)`;

type MoveTuple = [at: number, from: OrderState | null, to: OrderState, event: string, reason: string | null, provider: string | null, incarnation: number];

function toHistoryEntry([at, from, to, event, reason, provider, incarnation]: MoveTuple): HistoryEntry {
  const entry: { -readonly [Field in keyof HistoryEntry]: HistoryEntry[Field] } = { at: new Date(at), to, event, incarnation };
  if (from !== null) entry.from = from;
  if (reason !== null) entry.reason = reason;
  if (provider !== null) entry.provider = provider;
  return entry;
}
