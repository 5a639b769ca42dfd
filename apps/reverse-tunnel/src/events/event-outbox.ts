import type { TunnelEvent } from '@fogbow/queues';
import { backoff } from '@fogbow/service-runtime';
import type { Clock, Logger } from '@fogbow/service-runtime';

export interface EventOutboxOptions {
  /** Puts one event into the Manager's queue; rejects while Redis is away. */
  readonly send: (event: TunnelEvent) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Events on their way to the Manager. They wait here while Redis is away and go out in order, one at a time; of one
 * service only the newest waits, so that the box never holds more than one event per service.
 */
export interface EventOutbox {
  post(event: TunnelEvent): void;
  waiting(): number;
  /** Sends what can be sent at once and gives up the rest: a Manager asks for the truth when the tunnel starts again. */
  stop(): Promise<void>;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5000;

function subjectOf(event: TunnelEvent): string {
  if (event.type === 'started') return event.type;
  // No service is called so.
  return event.type === 'services-changed' ? `${event.grantId} *` : `${event.grantId} ${event.service}`;
}

export function createEventOutbox({ send, clock, log }: EventOutboxOptions): EventOutbox {
  const waiting = new Map<string, TunnelEvent>();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const sendOne = async ([subject, event]: [string, TunnelEvent], failures: number): Promise<boolean> => {
    try {
      await send(event);
      if (waiting.get(subject) === event) waiting.delete(subject);
      return true;
    } catch (error) {
      if (failures === 0) log.warn('events wait for Redis', { event: event.type, error });
      return false;
    }
  };
  const drain = async (): Promise<void> => {
    let failures = 0;
    for (let [first] = waiting; first && !(stopping.signal.aborted && failures > 0); [first] = waiting) {
      failures = await sendOne(first, failures) ? 0 : failures + 1;
      if (failures > 0) await clock.sleep(backoff(failures - 1, FIRST_RETRY_MS, LAST_RETRY_MS), stopping.signal);
    }
    running = undefined;
  };
  return {
    post(event) {
      const subject = subjectOf(event);
      // Behind the others again: a newer state must not overtake an older event of another service.
      waiting.delete(subject);
      waiting.set(subject, event);
      running ??= drain();
    },
    waiting: () => waiting.size,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
