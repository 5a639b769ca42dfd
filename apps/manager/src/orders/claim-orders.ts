import type { MemberId } from '@fogbow/request-model';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { OrderRecord, Refusal, Verdict } from './order-record.js';

/**
 * Leases: an order that a worker is placing belongs to it until it moves, is put back, or the worker is dead.
 * A worker is dead when it has not reported for `deadAfterMs`; its own `isAlive` turns false well before. A lease of our own that we
 * do not work on (an answer of the database that was lost, a failed `putBack`) ends at our next claim: we live, so nobody else may end it,
 * and what is to be removed waits for it.
 */
export interface OrderLeases {
  claimOpen(limit: number): Promise<OrderRecord[]>;
  /** The work on claimed orders has ended, well or not. */
  finished(ids: readonly string[]): void;
  /** Puts open orders back with the reason why they wait. */
  putBack(waits: readonly Wait[]): Promise<void>;
  /** Ends our hold on orders that moved under our hands (their owner deleted them). */
  free(ids: readonly string[]): Promise<void>;
  /** Open orders that nobody holds are looked at now. */
  wake(ids: readonly string[]): Promise<void>;
  /** Milliseconds until the next open order is due; undefined when there is none. */
  nextDue(): Promise<number | undefined>;
  /**
   * Open orders that wait are looked at now: these members may have room (again), so their refusals for want of it, for what was in the way,
   * or for want of a way to them, are void. Orders whose machines failed to boot keep their distance.
   */
  wakeWaiting(members: readonly MemberId[]): Promise<void>;
}

export interface Wait {
  readonly id: string;
  readonly reason: string;
  /** What keeps it from an instance; absent: what the order says already. */
  readonly failure?: ErrorCode;
  readonly inMs: number;
  readonly explanation: readonly Verdict[];
  readonly refusals: Readonly<Record<string, Refusal>>;
  /** Nothing was asked of any cloud in this try, so nothing can have been left behind. */
  readonly untouched: boolean;
}

/** What the leases of one worker are in the database. Every call is one statement; see `OrderLeases` for what they mean. */
export interface LeaseTable extends Pick<OrderLeases, 'putBack' | 'wake' | 'nextDue' | 'wakeWaiting'> {
  /**
   * Open orders that are due and nobody alive holds, or we ourselves without working on them; each counts one attempt more. Our holds on orders that were
   * deleted meanwhile end too: their removal waits for that.
   */
  claim(limit: number, except: readonly string[]): Promise<OrderRecord[]>;
  free(ids: readonly string[]): Promise<void>;
}

/** Leases of one worker process over a table that all processes of the member share. */
export function createLeases(table: LeaseTable): OrderLeases {
  const held = new Set<string>();
  const unfreed = new Set<string>();
  const orRemember = async (ids: readonly string[], work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      for (const id of ids) unfreed.add(id);
      throw error;
    }
  };
  const free = async (ids: readonly string[]): Promise<void> => {
    if (ids.length > 0) await orRemember(ids, table.free(ids));
  };
  const claim = async (limit: number): Promise<OrderRecord[]> => {
    const again = [...unfreed];
    unfreed.clear();
    await free(again);
    const claimed = await table.claim(limit, [...held]);
    for (const { id } of claimed) held.add(id);
    return claimed;
  };
  // In turn: a claim must know what the one before it holds.
  let last: Promise<unknown> = Promise.resolve();
  return {
    async claimOpen(limit) {
      const claimed = last.then(() => claim(limit));
      last = claimed.catch(() => undefined);
      return await claimed;
    },
    finished(ids) {
      for (const id of ids) held.delete(id);
    },
    async putBack(waits) {
      if (waits.length > 0) await orRemember(waits.map((wait) => wait.id), table.putBack(waits));
    },
    free,
    wake: (ids) => (ids.length > 0 ? table.wake(ids) : Promise.resolve()),
    nextDue: () => table.nextDue(),
    wakeWaiting: (members) => table.wakeWaiting(members),
  };
}
