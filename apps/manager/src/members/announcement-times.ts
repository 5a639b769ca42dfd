/** In milliseconds. What a Rendezvous tells is heeded within these: nobody may make us busy or let us be forgotten. */
const SHORTEST = 1000;
const LONGEST = 3_600_000;

/** How often to announce: as the Rendezvous told (spec §3.1, iamalive-period), else as we are configured. */
export const announceEvery = (toldMs: number | undefined, ownMs: number): number => (toldMs === undefined ? ownMs : Math.min(Math.max(toldMs, SHORTEST), LONGEST));

export interface AnnouncementFacts {
  /** Since the last announcement that was answered; undefined: there was none. */
  readonly sinceMs: number | undefined;
  readonly everyMs: number;
  /** When we shall be asked this again. */
  readonly nextLookMs: number;
  /** Whether the list that we read last named us. A Rendezvous that forgot us must not wait for its period. */
  readonly wasListed: boolean;
}

/** Whether to announce now: when the next look would be too late. */
export const mustAnnounce = ({ sinceMs, everyMs, nextLookMs, wasListed }: AnnouncementFacts): boolean =>
  sinceMs === undefined || !wasListed || sinceMs + nextLookMs > everyMs;
