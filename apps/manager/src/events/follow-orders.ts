import { isDatabaseAway } from '@fogbow/storage';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { NoticeFilter, OrderNotice } from './order-notice.js';
import type { OrderFeed } from './order-feed.js';

/** Why a stream ends from our side; the client may come back with the position it is told. */
export type Farewell = 'stopping' | 'too-slow' | 'not-allowed' | 'fault';

/** Where a reader's notices go: one connection. */
export interface Outlet {
  /** Writes them at once. Resolves when the connection has taken them, which a slow reader delays; rejects when it is broken. */
  send(notices: readonly OrderNotice[]): Promise<void>;
  /** Keeps the connection alive and tells how far the reader is. Not called during `send`. */
  beat(position: number): void;
  /** Says goodbye and ends the connection; what was sent before still arrives if the reader takes it in time. */
  end(why: Farewell, resumeAfter: number): void;
  /** Aborts when the connection is gone. */
  readonly gone: AbortSignal;
}

export interface FollowOptions {
  readonly feed: Pick<OrderFeed, 'read' | 'whenBeyond'>;
  readonly filter: NoticeFilter;
  readonly after: number;
  readonly outlet: Outlet;
  /** Aborts when the process drains. */
  readonly stopping: AbortSignal;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  readonly beatMs: number;
  /** A reader that does not take a page in this time is cut. */
  readonly slowAfterMs: number;
  /** Asked with every beat; a token may have ended since. */
  readonly mayGoOn: () => Promise<boolean>;
}

/** The most that is held for one reader; the rest waits in the database until the reader has taken these. */
const PAGE = 100;
const RETRY_MS = 1000;

/** Brings one reader every notice behind a position, once and in order, until one of the two sides ends it. Never rejects. */
export async function followOrders(options: FollowOptions): Promise<void> {
  const { outlet, stopping, clock, log } = options;
  const state: Progress = { reached: options.after, isSending: false };
  const forbidden = new AbortController();
  const over = AbortSignal.any([outlet.gone, stopping, forbidden.signal]);
  const beat = setInterval(() => {
    if (!state.isSending) outlet.beat(state.reached);
    void options.mayGoOn().then((allowed) => { if (!allowed) forbidden.abort(); }, () => undefined);
  }, options.beatMs);
  const persist = async (): Promise<Farewell> => {
    for (;;) {
      try {
        if (!(await deliver(options, state, over))) return 'too-slow';
        return forbidden.signal.aborted ? 'not-allowed' : 'stopping';
      } catch (error) {
        if (!isDatabaseAway(error)) {
          log.error('a stream of events failed', { error });
          return 'fault';
        }
        await clock.sleep(RETRY_MS, over);
      }
    }
  };
  const why = await persist();
  clearInterval(beat);
  if (!outlet.gone.aborted) outlet.end(why, state.reached);
}

interface Progress {
  /** Everything up to here is written. */
  reached: number;
  isSending: boolean;
}

/** Answers true when it is over, false when the reader was too slow. */
async function deliver({ feed, filter, outlet, slowAfterMs }: FollowOptions, state: Progress, over: AbortSignal): Promise<boolean> {
  while (!over.aborted) {
    const { notices, upTo } = await feed.read(filter, state.reached, PAGE);
    if (over.aborted) break;
    if (notices.length > 0) {
      state.isSending = true;
      const sent = outlet.send(notices);
      state.reached = upTo;
      if (!(await isTakenWithin(sent, slowAfterMs, over)) && !over.aborted) return false;
      state.isSending = false;
    }
    state.reached = upTo;
    if (notices.length < PAGE) await feed.whenBeyond(upTo, over);
  }
  return true;
}

function isTakenWithin(sent: Promise<void>, ms: number, over: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isTaken: boolean) => (): void => {
      clearTimeout(timer);
      over.removeEventListener('abort', giveUp);
      resolve(isTaken);
    };
    const giveUp = settle(false);
    const timer = setTimeout(giveUp, ms);
    over.addEventListener('abort', giveUp, { once: true });
    sent.then(settle(true), giveUp);
  });
}
