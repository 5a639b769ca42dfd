import type { Server } from 'node:http';
import { endConnections } from '@fogbow/service-runtime';
import type { Clock, HealthCheck, Part } from '@fogbow/service-runtime';

/** The time between being told to stop and stopping, in which whoever stands before this process turns to another one. */
export interface Drain {
  /** Tells why the process is not ready, from the moment on when it was told to stop. */
  readonly check: HealthCheck;
  /** Aborts when that time is over: streams end and waits are answered. */
  readonly leaving: AbortSignal;
  /** To be stopped before everything else. */
  part(server: Server): Part;
}

export function createDrain({ forMs, clock }: { readonly forMs: number; readonly clock: Pick<Clock, 'sleep'> }): Drain {
  const [told, leaving] = [new AbortController(), new AbortController()];
  return {
    check: () => (told.signal.aborted ? 'this process is stopping' : undefined),
    leaving: leaving.signal,
    part: (server) => ({
      name: 'drain',
      async stop() {
        told.abort();
        endConnections(server);
        if (forMs > 0) await clock.sleep(forMs);
        leaving.abort();
      },
    }),
  };
}
