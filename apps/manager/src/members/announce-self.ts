import type { MemberId } from '@fogbow/request-model';
import { IAMALIVE } from '@fogbow/messaging';
import type { Announcement, MessageSender } from '@fogbow/messaging';
import type { Clock } from '@fogbow/service-runtime';
import { announceEvery, mustAnnounce } from './announcement-times.js';

export interface AnnounceSelfOptions {
  readonly link: MessageSender;
  readonly rendezvous: MemberId;
  readonly timeoutMs: number;
  /** How often this is called at least. */
  readonly periodMs: number;
  readonly clock: Pick<Clock, 'uptime'>;
  /** What to say of ourselves; default: nothing but that we live. */
  readonly facts?: (signal: AbortSignal) => Promise<Announcement>;
  /** Asks to be called in so many ms, because the Rendezvous wants to hear us more often. */
  readonly callAgainIn?: (ms: number) => void;
}

export interface SelfAnnouncer {
  /** Says that we live, when it is time. Rejects when the Rendezvous does not answer. */
  announce(signal: AbortSignal): Promise<void>;
  /** Whether the whole list named us. */
  wasListed(named: boolean): void;
}

/** Heeds how often the Rendezvous wants to hear us. Each process counts for itself: an announcement too many does no harm. */
export function createSelfAnnouncer(options: AnnounceSelfOptions): SelfAnnouncer {
  const { link, rendezvous, timeoutMs, periodMs, clock, facts } = options;
  let last: number | undefined;
  let everyMs = periodMs;
  let listed = true;
  return {
    wasListed: (named) => { listed = named; },
    async announce(signal) {
      const now = clock.uptime();
      if (mustAnnounce({ sinceMs: last === undefined ? undefined : now - last, everyMs, nextLookMs: periodMs, wasListed: listed })) {
        const told = await link.request(rendezvous, IAMALIVE, await facts?.(signal) ?? {}, { timeoutMs, signal });
        last = now;
        everyMs = announceEvery(told.periodMs, periodMs);
      }
      if (everyMs < periodMs) options.callAgainIn?.(everyMs);
    },
  };
}
