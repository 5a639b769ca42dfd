import { isFor } from './order-notice.js';
import type { NoticeFilter, OrderNotice, OwnedNotice } from './order-notice.js';

/** The newest notices of all users in memory, so that readers that are up to date share one read of the database. */
export interface RecentNotices {
  /** Everything after this position and up to what was added last is here. */
  readonly since: number;
  /** In the order of positions. */
  add(notices: readonly OwnedNotice[]): void;
  /** Those for the filter after the position, which must not lie before `since`. */
  after(position: number, limit: number, filter: NoticeFilter): OrderNotice[];
}

export function createRecentNotices(since: number, capacity: number): RecentNotices {
  const kept: OwnedNotice[] = [];
  let start = since;
  return {
    get since() { return start; },
    add(notices) {
      kept.push(...notices);
      const dropped = kept.splice(0, Math.max(0, kept.length - capacity));
      start = dropped.at(-1)?.notice.position ?? start;
    },
    after(position, limit, filter) {
      const found: OrderNotice[] = [];
      for (let at = firstAfter(kept, position); at < kept.length && found.length < limit; at += 1) {
        const one = kept[at] as OwnedNotice;
        if (isFor(filter, one)) found.push(one.notice);
      }
      return found;
    },
  };
}

/** Index of the first notice behind the position. */
function firstAfter(sorted: readonly OwnedNotice[], position: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as OwnedNotice).notice.position <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
