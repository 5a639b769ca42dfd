import pg from 'pg';
import type { Clock, Logger, Part } from '@fogbow/service-runtime';
import { backoff } from '@fogbow/service-runtime';

export interface ListenOptions {
  readonly databaseUrl: string;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  /** History was written, or may have been while nobody listened. */
  readonly onMoves: () => void;
}

const CHANNEL = 'order_history';
const CONNECT_MS = 3000;

/** Hears of every commit that wrote history, of whichever process, on a connection of its own that comes back when it breaks. */
export function listenForMoves({ databaseUrl, clock, log, onMoves }: ListenOptions): Part {
  const stopping = new AbortController();
  const listen = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS, keepAlive: true });
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.on('error', () => resolve());
    });
    const stop = (): void => void client.end().catch(() => undefined);
    client.on('notification', onMoves);
    try {
      await client.connect();
      stopping.signal.addEventListener('abort', stop, { once: true });
      if (stopping.signal.aborted) return;
      await client.query(`listen ${CHANNEL}`);
      // What was committed before the ears were open.
      onMoves();
      await ended;
    } finally {
      stopping.signal.removeEventListener('abort', stop);
      await client.end().catch(() => undefined);
    }
  };
  const keepListening = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      await listen().then(() => { failures = 0; }, (error: unknown) => {
        if (failures === 0 && !stopping.signal.aborted) log.warn('notifications of the database are not heard; looking by period', { error });
      });
      await clock.sleep(backoff(failures, 200, 5000), stopping.signal);
    }
  };
  const done = keepListening();
  return {
    name: 'notifications',
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
