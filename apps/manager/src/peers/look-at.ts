import type { Clock } from '@fogbow/service-runtime';
import type { WakeUp } from '../orders/wake-up.js';

/** Has somebody look at the instance of an order soon. */
export type LookAt = (orderId: string) => void;

/** What other members tell is a cause to look, but how often is not up to them: once a second for each order. The monitor's period finds what is left out. */
export function createLookAt({ wakeUp, clock, everyMs = 1000 }: { readonly wakeUp: WakeUp; readonly clock: Pick<Clock, 'uptime'>; readonly everyMs?: number }): LookAt {
  // In order of time, so that the old ones stand first.
  const looked = new Map<string, number>();
  return (orderId) => {
    const now = clock.uptime();
    if (now - (looked.get(orderId) ?? -Infinity) < everyMs) return;
    looked.delete(orderId);
    for (const [id, at] of looked) {
      if (now - at < everyMs) break;
      looked.delete(id);
    }
    looked.set(orderId, now);
    wakeUp('monitor-instances', { orderIds: [orderId] });
  };
}
