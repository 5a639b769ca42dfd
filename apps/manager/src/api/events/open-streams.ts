import { FogbowError } from '@fogbow/plugin-contracts';
import type { Part } from '@fogbow/service-runtime';

/** The streams that this process has open: so many for each user, and all of them ended when it drains. */
export interface OpenStreams {
  /** Aborts when the process drains. */
  readonly stopping: AbortSignal;
  /** Takes a place for a stream of the user or refuses: `too-many-requests`, or `unavailable` while draining. Give it back once. */
  enter(userId: string): () => void;
  /** What runs until the stream has ended. */
  track(stream: Promise<void>): void;
  readonly part: Part;
}

export function createOpenStreams(limitPerUser: number, drain: AbortSignal): OpenStreams {
  const counts = new Map<string, number>();
  const running = new Set<Promise<void>>();
  return {
    stopping: drain,
    enter(userId) {
      if (drain.aborted) throw new FogbowError('unavailable', 'This process is stopping; connect again.');
      const open = counts.get(userId) ?? 0;
      if (open >= limitPerUser) throw new FogbowError('too-many-requests', `You have ${open} streams open, which is the limit: close one, or follow several orders by one stream.`);
      counts.set(userId, open + 1);
      return () => {
        const left = (counts.get(userId) ?? 1) - 1;
        if (left === 0) counts.delete(userId);
        else counts.set(userId, left);
      };
    },
    track(stream) {
      running.add(stream);
      void stream.finally(() => running.delete(stream));
    },
    part: { name: 'event streams', stop: async () => void await Promise.all(running) },
  };
}
