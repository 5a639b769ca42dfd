import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { WorkerLife } from './worker-life.js';

/** This process among the workers of the member. */
export interface WorkerRegistry {
  readonly workerId: string;
  stop(): Promise<void>;
}

export interface WorkerRegistryOptions {
  readonly database: Kysely<unknown>;
  readonly workerId: string;
  readonly name: string;
  readonly deadAfterMs: number;
  readonly clock: Clock;
  readonly life: WorkerLife;
  readonly log: Logger;
}

/** Registers this process and reports three times per `deadAfterMs`. */
export async function registerWorker({ database, workerId, name, deadAfterMs, clock, life, log }: WorkerRegistryOptions): Promise<WorkerRegistry> {
  const report = async (): Promise<void> => {
    const asked = clock.uptime();
    await sql`insert into workers (id, name) values (${workerId}, ${name}) on conflict (id) do update set seen_at = now()`.execute(database);
    life.reported(asked);
  };
  await report();
  const timer = setInterval(() => void report().catch((error: unknown) => log.warn('cannot report to the database', { error })), deadAfterMs / 3);
  return {
    workerId,
    async stop() {
      clearInterval(timer);
      await sql`delete from workers where id = ${workerId}`.execute(database);
    },
  };
}
