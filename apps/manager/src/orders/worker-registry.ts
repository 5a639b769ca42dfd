import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Clock, Logger } from '@fogbow/service-runtime';

/** This process among the workers of the member. */
export interface WorkerRegistry {
  readonly workerId: string;
  /** False when others may already think us dead: then no cloud may be asked for a machine. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

export interface WorkerRegistryOptions {
  readonly database: Kysely<unknown>;
  readonly workerId: string;
  readonly name: string;
  readonly deadAfterMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Registers this process and reports three times per `deadAfterMs`. */
export async function registerWorker({ database, workerId, name, deadAfterMs, clock, log }: WorkerRegistryOptions): Promise<WorkerRegistry> {
  let lastReport = clock.uptime();
  const report = async (): Promise<void> => {
    const asked = clock.uptime();
    await sql`insert into workers (id, name) values (${workerId}, ${name}) on conflict (id) do update set seen_at = now()`.execute(database);
    lastReport = asked;
  };
  await report();
  await sql`delete from workers where seen_at < now() - interval '1 day'`.execute(database);
  const timer = setInterval(() => void report().catch((error: unknown) => log.warn('cannot report to the database', { error })), deadAfterMs / 3);
  return {
    workerId,
    isAlive: () => clock.uptime() - lastReport < deadAfterMs * 0.8,
    async stop() {
      clearInterval(timer);
      await sql`delete from workers where id = ${workerId}`.execute(database);
    },
  };
}
