import type { Timers } from '@fogbow/service-runtime';
import type { SeededRandom } from './seeded-random.js';

/** Time that passes from event to event, and nothing else makes it pass. */
export interface VirtualTime extends Timers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Events so far. */
  steps(): number;
  /**
   * Lets time pass to that moment. After each event everything that follows from it without waiting is done before `looked` is called and
   * the next one begins. Ends early when `looked` answers true; rejects with what an event or `looked` throws.
   */
  runUntil(end: number, looked: () => boolean): Promise<void>;
}

interface Event {
  readonly at: number;
  /** Decides between events of the same moment. */
  readonly tie: number;
  readonly action: () => void;
  isCancelled: boolean;
}

export function createVirtualTime(begin: Date, random: SeededRandom): VirtualTime {
  let now = begin.getTime();
  let steps = 0;
  const heap: Event[] = [];
  return {
    now: () => now,
    steps: () => steps,
    after(ms, action) {
      const event: Event = { at: now + Math.max(ms, 0), tie: random.next(), action, isCancelled: false };
      push(heap, event);
      return () => { event.isCancelled = true; };
    },
    async runUntil(end, looked) {
      for (let first = heap[0]; first && first.at <= end; first = heap[0]) {
        pop(heap);
        if (first.isCancelled) continue;
        now = first.at;
        steps += 1;
        first.action();
        // All promises that can go on do so before this real turn of the loop ends; there is nothing else in it.
        await new Promise((resolve) => setImmediate(resolve));
        if (looked()) return;
      }
      now = Math.max(now, end);
    },
  };
}

const isBefore = (left: Event, right: Event): boolean => left.at < right.at || (left.at === right.at && left.tie < right.tie);

function push(heap: Event[], event: Event): void {
  let index = heap.length;
  heap.push(event);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    if (!isBefore(event, heap[parent] as Event)) break;
    heap[index] = heap[parent] as Event;
    index = parent;
  }
  heap[index] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop() as Event;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child += 1;
    if (!isBefore(heap[child] as Event, last)) break;
    heap[index] = heap[child] as Event;
    index = child;
  }
  heap[index] = last;
}
