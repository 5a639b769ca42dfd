import type { ToldRoom } from '../members/member-room.js';
import type { MemberId, ResourceKind } from '@fogbow/request-model';
import type { HistoryEntry, OrderRecord } from '../orders/order-record.js';

/** The tables of one member's database in memory. The stores over them mean what their SQL means; one suite holds both to it. */
export interface MemoryTables {
  /** The database's clock, in milliseconds. */
  now(): number;
  readonly orders: Map<string, StoredOrder>;
  /** By order; outlives it. */
  readonly history: Map<string, HistoryLine[]>;
  /** By order, what accounting keeps of it; outlives it too. */
  readonly accounts: Map<string, string>;
  readonly releases: Map<string, StoredRelease>;
  /** When each worker was heard of last. */
  readonly workers: Map<string, number>;
  /** The last attempt of an order that its requester removed. */
  readonly removed: Map<string, number>;
  /** When each was named last, and what it told of its room. */
  readonly members: Map<MemberId, { readonly at: number; readonly room?: ToldRoom | undefined }>;
  readonly memory: { previousPick?: MemberId };
  /** Told whenever something about an order was written. */
  touched(orderId: string): void;
}

export interface StoredOrder {
  readonly order: OrderRecord;
  readonly needs: readonly string[];
  readonly nextAttemptAt: number;
  readonly leaseOwner?: string | undefined;
}

export interface HistoryLine extends HistoryEntry {
  readonly requester: MemberId;
}

export interface StoredRelease {
  readonly orderId: string;
  readonly kind: ResourceKind;
  readonly incarnation: number;
  readonly member: MemberId;
  readonly attempts: number;
  readonly nextAttemptAt: number;
}

export function createMemoryTables(now: () => number, touched: (orderId: string) => void = () => undefined): MemoryTables {
  return { now, touched, orders: new Map(), history: new Map(), accounts: new Map(), releases: new Map(), workers: new Map(), removed: new Map(), members: new Map(), memory: {} };
}

export const releaseKey = ({ orderId, incarnation, member }: Pick<StoredRelease, 'orderId' | 'incarnation' | 'member'>): string => `${orderId} ${incarnation} ${member}`;

/** A release that is known already is due at once. */
export function putRelease(tables: MemoryTables, release: Pick<StoredRelease, 'orderId' | 'kind' | 'incarnation' | 'member'>): void {
  const key = releaseKey(release);
  tables.releases.set(key, { ...(tables.releases.get(key) ?? { ...release, attempts: 0 }), nextAttemptAt: tables.now() });
  tables.touched(release.orderId);
}

export function addHistory(tables: MemoryTables, orderId: string, line: HistoryLine): void {
  const lines = tables.history.get(orderId);
  if (lines) lines.push(line);
  else tables.history.set(orderId, [line]);
}

export function putOrder(tables: MemoryTables, stored: StoredOrder): void {
  tables.orders.set(stored.order.id, stored);
  tables.touched(stored.order.id);
}

export const byId = (left: { readonly id: string }, right: { readonly id: string }): number => (left.id < right.id ? -1 : left.id > right.id ? 1 : 0);
