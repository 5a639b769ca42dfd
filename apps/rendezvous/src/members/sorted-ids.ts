import type { MemberId } from '@fogbow/request-model';

/** The position of an id that is in the list, by binary search: whole lists are read page by page, and a scan for each would be quadratic. */
export function rankIn(ids: readonly MemberId[], id: MemberId): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as MemberId) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
