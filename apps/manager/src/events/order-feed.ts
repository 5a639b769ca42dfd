import type { Kysely } from 'kysely';
import type { MemberId } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { NoticeFilter, OrderNotice } from './order-notice.js';
import { createPositionGate } from './position-gate.js';
import { readNotices } from './read-notices.js';
import { createRecentNotices } from './recent-notices.js';
import { createSettlePositions, lastPosition } from './settle-positions.js';

export interface Page {
  readonly notices: readonly OrderNotice[];
  /** The reader has seen all that is for it up to here. */
  readonly upTo: number;
}

/** The moves of all orders of this member's users, for any number of readers, in the order of their positions. */
export interface OrderFeed {
  /**
   * Follows the history as long as somebody has joined. Resolves to a position at or before now; without `after` that is where the reader
   * starts. Refuses an `after` that lies ahead of everything with `unsupported-attribute`. `leave` must be called once.
   */
  join(after: number | undefined, signal: AbortSignal): Promise<{ readonly position: number; leave(): void }>;
  /** What is there for the filter after the position, at most `limit`; nothing is held for a reader between two calls. */
  read(filter: NoticeFilter, after: number, limit: number): Promise<Page>;
  /** Resolves when there is anything behind the position, for whomever, or when the signal aborts. */
  whenBeyond(position: number, signal: AbortSignal): Promise<void>;
  /** There may be something new: called for every notification of the database. */
  wake(): void;
  stop(): Promise<void>;
}

export interface OrderFeedOptions {
  readonly self: MemberId;
  readonly database: Kysely<unknown>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  /** Looks by itself this often, should a notification be lost. */
  readonly pollMs?: number;
  /** Notices kept in memory. */
  readonly capacity?: number;
}

const BATCH = 2000;
const RETRY_MS = 1000;

export function createOrderFeed(options: OrderFeedOptions): OrderFeed {
  const { self, database } = options;
  const follower = createFollower(options);
  const { gate } = follower;
  let readers = 0;
  const leave = (): void => {
    readers -= 1;
    if (readers === 0) follower.wake();
  };
  return {
    async join(after, signal) {
      readers += 1;
      try {
        if (after !== undefined && after > await lastPosition(database)) throw new FogbowError('unsupported-attribute', `There is no position ${after} yet; leave it out to start from now.`);
        await follower.begin(() => readers > 0);
        if (signal.aborted) throw new FogbowError('unavailable', 'This process is stopping; connect again.');
        return { position: gate.reached, leave };
      } catch (error) {
        leave();
        throw error;
      }
    },
    async read(filter, after, limit) {
      const upTo = Math.max(gate.reached, after);
      const recent = follower.recent();
      const notices = after >= recent.since ? recent.after(after, limit, filter)
        : (await readNotices(database, self, { after, upTo, limit }, filter)).map(({ notice }) => notice);
      return { notices, upTo: notices.length < limit ? upTo : (notices.at(-1)?.position ?? upTo) };
    },
    whenBeyond: (position, signal) => gate.whenBeyond(position, signal),
    wake: () => follower.wake(),
    stop: () => follower.stop(),
  };
}

/** Keeps the newest notices in memory as long as somebody wants them. */
function createFollower({ self, database, clock, log, pollMs = 2000, capacity = 10_000 }: OrderFeedOptions) {
  const settle = createSettlePositions(database, clock);
  const gate = createPositionGate();
  const stopping = new AbortController();
  let [pause, recent] = [new AbortController(), createRecentNotices(0, capacity)];
  let [beginning, running] = [undefined as Promise<void> | undefined, undefined as Promise<void> | undefined];
  const advance = async (): Promise<void> => {
    const goal = await settle(gate.reached, stopping.signal);
    while (gate.reached < goal) {
      const notices = await readNotices(database, self, { after: gate.reached, upTo: goal, limit: BATCH });
      recent.add(notices);
      gate.reach(notices.length < BATCH ? goal : (notices.at(-1)?.notice.position ?? goal));
    }
  };
  const follow = async (isWanted: () => boolean): Promise<void> => {
    while (isWanted() && !stopping.signal.aborted) {
      pause = new AbortController();
      const failed = await advance().then(() => false, (error: unknown) => {
        log.warn('the history cannot be followed; trying again', { error });
        return true;
      });
      await clock.sleep(failed ? RETRY_MS : pollMs, failed ? stopping.signal : pause.signal);
    }
    // In the same breath as the last look: who begins next must find that nobody follows.
    running = undefined;
  };
  /** From a standstill, what happened meanwhile is not gone through: who wants it reads it for itself. */
  const start = async (): Promise<void> => {
    const position = await settle(gate.reached, stopping.signal);
    recent = createRecentNotices(position, capacity);
    gate.reach(position);
  };
  return {
    gate,
    recent: () => recent,
    async begin(isWanted: () => boolean) {
      if (running) return;
      await (beginning ??= start().finally(() => { beginning = undefined; }));
      running ??= follow(isWanted);
    },
    /** Looks again now; ends when nobody wants it. */
    wake: () => pause.abort(),
    async stop() {
      stopping.abort();
      pause.abort();
      await running;
    },
  };
}
