import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { MemberId, OrderState, ResourceKind, ServiceAddress } from '@fogbow/request-model';
import { createBatcher, currentCorrelation } from '@fogbow/service-runtime';
import { isDatabaseAway, PREPARED } from '@fogbow/storage';
import { applyMoves } from './apply-moves.js';
import type { Moved } from './apply-moves.js';
import { insertOrders } from './insert-orders.js';
import type { NewOrder } from './insert-orders.js';
import { moveUnlessNeeded } from './move-unless-needed.js';
import type { OrderMove } from './order-move.js';
import { ORDER_COLUMNS, toOrderRecord } from './order-record.js';
import type { HistoryEntry, OrderRecord, OrderRow } from './order-record.js';
import { selectOrders } from './select-orders.js';
import type { ListFilter } from './select-orders.js';

/** Words for the owner of an order that does not move. */
export interface Explanation {
  readonly id: string;
  readonly state: OrderState;
  readonly incarnation: number;
  readonly reason: string;
}

/** Services of a machine that come, go and move while its order stays where it is. */
export interface ToldServices {
  readonly id: string;
  readonly incarnation: number;
  readonly extraAddresses: Readonly<Record<string, ServiceAddress>>;
  /** Absent: as it was. */
  readonly sshAddress?: ServiceAddress;
}

/** The truth about orders. Reads for use cases, and the two ways to write: insert and move. */
export interface OrderStore {
  insert(orders: readonly NewOrder[]): Promise<void>;
  move(moves: readonly OrderMove[]): Promise<ReadonlyMap<string, Moved>>;
  /** The same for one that goes, unless living orders need it: then conflict, with their ids. */
  moveUnlessNeeded(move: OrderMove, kind: ResourceKind): Promise<ReadonlyMap<string, Moved>>;
  get(id: string): Promise<OrderRecord | undefined>;
  getMany(ids: readonly string[]): Promise<OrderRecord[]>;
  /** Newest first unless asked otherwise. */
  list(filter: ListFilter): Promise<OrderRecord[]>;
  /** By id, after the one given; with `except`, only those of other members than this one. */
  inStates(states: readonly OrderState[], after: string, limit: number, except?: MemberId): Promise<OrderRecord[]>;
  history(orderId: string): Promise<HistoryEntry[]>;
  /** Says anew why these orders are where they are; one that has moved meanwhile is left alone. */
  explain(words: readonly Explanation[]): Promise<void>;
  /** Where machines and their services are reached now; an order that has no instance, or another one, is left alone. */
  tellServices(told: readonly ToldServices[]): Promise<void>;
  /** Open orders that wait for one of these are looked at now. Answers how many there are. */
  wakeNeeding(orderIds: readonly string[]): Promise<number>;
}

export function createOrderStore(database: Kysely<unknown>): OrderStore {
  // Requests that come together share a statement and its commit; each is answered when its own rows are durable.
  const insert = createBatcher<readonly NewOrder[], undefined>({
    maxItems: 64, splitOnFailure: (error) => !isDatabaseAway(error), run: async (batches) => {
      await insertOrders(database, batches.flat());
      return batches.map(() => undefined);
    },
  });
  return {
    insert: (orders) => insert(orders.map(fromPresentRequest)),
    move: (moves) => applyMoves(database, moves),
    moveUnlessNeeded: (move, kind) => moveUnlessNeeded(database, move, kind),
    async get(id) {
      const { rows } = await sql<OrderRow>`${PREPARED} select ${ORDER_COLUMNS} from orders o where o.id = ${id}`.execute(database);
      return rows[0] && toOrderRecord(rows[0]);
    },
    async getMany(ids) {
      if (ids.length === 0) return [];
      const { rows } = await sql<OrderRow>`select * from orders where id = any(${[...ids]}::uuid[])`.execute(database);
      return rows.map(toOrderRecord);
    },
    list: async (filter) => (await selectOrders<OrderRow>(database, sql`${PREPARED} select ${ORDER_COLUMNS}`, filter)).map(toOrderRecord),
    async inStates(states, after, limit, except) {
      const { rows } = await sql<OrderRow>`
        select * from orders where state = any(${[...states]}) and id > ${after || NO_ID}::uuid
        ${except === undefined ? sql`` : othersThan(except)} order by id limit ${limit}`.execute(database);
      return rows.map(toOrderRecord);
    },
    async history(orderId) {
      const { rows } = await sql<HistoryRow>`select * from order_history where order_id = ${orderId} order by id`.execute(database);
      return rows.map(toHistoryEntry);
    },
    async explain(words) {
      if (words.length === 0) return;
      await sql`update orders o set reason = w.reason from jsonb_to_recordset(${JSON.stringify(words)}::jsonb) as w(id uuid, state text, incarnation integer, reason text)
        where o.id = w.id and o.state = w.state and o.incarnation = w.incarnation`.execute(database);
    },
    async tellServices(told) {
      if (told.length === 0) return;
      await sql`update orders o set instance = o.instance || jsonb_strip_nulls(jsonb_build_object('extraAddresses', w."extraAddresses", 'sshAddress', w."sshAddress"))
        from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as w(id uuid, incarnation integer, "extraAddresses" jsonb, "sshAddress" jsonb)
        where o.id = w.id and o.incarnation = w.incarnation and o.instance is not null`.execute(database);
    },
    async wakeNeeding(orderIds) {
      const { numAffectedRows } = await sql`update orders set next_attempt_at = now()
        where needs <> '{}' and needs && ${[...orderIds]}::uuid[] and state = 'open' and lease_owner is null`.execute(database);
      return Number(numAffectedRows ?? 0);
    },
  };
}

/** Workers take the order up later, here and elsewhere, and go on in the name of the request that brought it. */
function fromPresentRequest(order: NewOrder): NewOrder {
  const origin = currentCorrelation();
  return origin ? { ...order, spec: { ...order.spec, origin } } : order;
}

/** Before and behind it, so that an index on the requester gives the few that there are. */
const othersThan = (member: MemberId): RawBuilder<unknown> => sql`and (requester < ${member} or requester > ${member})`;

const NO_ID = '00000000-0000-0000-0000-000000000000';

interface HistoryRow {
  at: Date; from_state: string | null; to_state: string; event: string; reason: string | null; provider: string | null; incarnation: number;
}

function toHistoryEntry(row: HistoryRow): HistoryEntry {
  return {
    at: row.at,
    to: row.to_state as OrderState,
    event: row.event,
    incarnation: row.incarnation,
    ...(row.from_state === null ? {} : { from: row.from_state as OrderState }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.provider === null ? {} : { provider: row.provider }),
  };
}
