import { sql } from 'kysely';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { MemberId, Order, OrderInstance, OrderSpec, OrderState, OrderType, ResourceKind } from '@fogbow/request-model';

/** Who refused an order and until when it is not asked again. */
export interface Refusal {
  /** ISO 8601. */
  readonly until: string;
  readonly code: ErrorCode;
  readonly reason: string;
  /** An instance may exist there all the same. */
  readonly uncertain?: true;
  /** How often in a row it was a conflict; absent for the first. */
  readonly times?: number;
}

/** What the last placement said about each member, for the owner to read. */
export interface Verdict {
  readonly member: MemberId;
  readonly verdict: string;
}

/** An order with what only this Manager's workers need. */
export interface OrderRecord extends Order {
  /** How often a worker took this incarnation up; more than one means that an earlier try may have left something behind. */
  readonly attempts: number;
  readonly refusals: Readonly<Record<MemberId, Refusal>>;
  readonly explanation: readonly Verdict[];
  /** The machine's SSH service is reachable through its tunnel right now. */
  readonly connected: boolean;
  /** What kept the order from an instance last, as a code of the catalogue. */
  readonly failure?: ErrorCode;
}

/** What lists show of an order. */
export type ListedOrder = Omit<OrderRecord, 'owner' | 'incarnation' | 'fulfilledAt' | 'failedBoots' | 'attempts' | 'refusals' | 'connected'>;

/** The columns of table `orders`, under the name o, that make an OrderRow. Named one by one, because statements with them are prepared. */
export const ORDER_COLUMNS = sql.raw([
  'id', 'batch_id', 'kind', 'type', 'state', 'owner_id', 'owner_name', 'requester', 'provider', 'incarnation', 'spec', 'instance', 'valid_from', 'valid_until', 'created_at',
  'state_since', 'fulfilled_at', 'reason', 'failed_boots', 'attempts', 'refusals', 'explanation', 'connected', 'failure',
].map((column) => `o.${column}`).join(', '));

/** A row of table `orders` as the driver gives it. */
export interface OrderRow {
  id: string; batch_id: string; kind: string; type: string; state: string; owner_id: string; owner_name: string;
  requester: string; provider: string | null; incarnation: number; spec: OrderSpec; instance: OrderInstance | null;
  valid_from: Date | null; valid_until: Date | null; created_at: Date; state_since: Date; fulfilled_at: Date | null;
  reason: string | null; failed_boots: number; attempts: number; refusals: Record<string, Refusal>;
  explanation: Verdict[] | null; connected: boolean; failure: string | null;
}

const optional = <K extends string, V>(key: K, value: V | null): { [P in K]?: V } => (value === null ? {} : { [key]: value } as { [P in K]: V });

export function toOrderRecord(row: OrderRow): OrderRecord {
  return {
    id: row.id,
    batchId: row.batch_id,
    kind: row.kind as ResourceKind,
    type: row.type as OrderType,
    state: row.state as OrderState,
    owner: { id: row.owner_id, name: row.owner_name },
    requester: row.requester,
    incarnation: row.incarnation,
    spec: row.spec,
    createdAt: row.created_at,
    stateSince: row.state_since,
    failedBoots: row.failed_boots,
    attempts: row.attempts,
    refusals: row.refusals,
    explanation: row.explanation ?? [],
    connected: row.connected,
    ...optional('provider', row.provider),
    ...optional('instance', row.instance),
    ...optional('validFrom', row.valid_from),
    ...optional('validUntil', row.valid_until),
    ...optional('fulfilledAt', row.fulfilled_at),
    ...optional('reason', row.reason),
    ...optional('failure', row.failure as ErrorCode | null),
  };
}

/** One state move as it happened. */
export interface HistoryEntry {
  readonly at: Date;
  readonly from?: OrderState;
  readonly to: OrderState;
  readonly event: string;
  readonly reason?: string;
  readonly provider?: MemberId;
  readonly incarnation: number;
}
