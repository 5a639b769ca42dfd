import pg from 'pg';
import type { Clock, Logger } from '@fogbow/service-runtime';
import { backoff } from '@fogbow/service-runtime';

/** What one process of a member at a time may do, whichever it is. */
export interface Office {
  /** Resolves when the first try is over: we hold it, somebody else does, or the database cannot be asked. */
  readonly firstTry: Promise<void>;
  /** Gives it up, once what runs by it has ended, and does not run for it again. */
  stop(): Promise<void>;
}

export interface OfficeOptions {
  readonly databaseUrl: string;
  /** A holder that is silent for so long is put out by whoever waits; it stops by itself after 80 % of that. */
  readonly silentAfterMs: number;
  readonly clock: Pick<Clock, 'sleep' | 'uptime'>;
  readonly log: Logger;
  /** Runs while we hold the office and resolves after `lost` has aborted. */
  serve(lost: AbortSignal): Promise<void>;
}

/** Two numbers that no other lock of the database has. */
const LOCK = [20_615, 1] as const;
/** A busy server takes its time; an address that leads nowhere is found out by whoever watches over us. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 5000;
const TRY_EVERY_MS = 1000;

/**
 * The office is a lock of a session of PostgreSQL: one that dies frees it at once, whatever killed it. One that is frozen, or whose host went
 * without a word, keeps its session; then whoever waits ends that session, whose last sign of life PostgreSQL tells.
 */
export function runForOffice(options: OfficeOptions): Office {
  const { clock, log } = options;
  const stopping = new AbortController();
  let tried = (): void => undefined;
  const firstTry = new Promise<void>((resolve) => { tried = resolve; });
  const run = async (): Promise<void> => {
    for (let failures = 0; !stopping.signal.aborted;) {
      const fault = await candidacy(options, stopping.signal, tried).catch((error: unknown): Fault => ({ says: 'the database cannot be asked who speaks for the member', error }));
      if (fault && failures === 0 && !stopping.signal.aborted) log.warn(fault.says, { error: fault.error });
      if (!fault) failures = 0;
      tried();
      await clock.sleep(backoff(failures, 200, 2000), stopping.signal);
      if (fault) failures += 1;
    }
  };
  const done = run();
  return {
    firstTry,
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** Why a candidacy did not end in order. */
interface Fault { readonly says: string; readonly error: unknown }

/** One session: waits for the office, holds it, and ends with the session. Rejects with what the database says. */
async function candidacy({ databaseUrl, silentAfterMs, clock, serve }: OfficeOptions, stopping: AbortSignal, tried: () => void): Promise<Fault | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS, query_timeout: ANSWER_MS, keepAlive: true });
  const ended = new AbortController();
  client.once('end', () => ended.abort()).on('error', () => ended.abort());
  try {
    await client.connect();
    const over = AbortSignal.any([stopping, ended.signal]);
    while (!over.aborted && !(await take(client))) {
      await putOutSilent(client, silentAfterMs);
      tried();
      await clock.sleep(TRY_EVERY_MS, over);
    }
    if (over.aborted) return undefined;
    const life = keepInTouch(client, silentAfterMs * 0.8, clock, over);
    const served = serve(AbortSignal.any([over, life.lost]));
    tried();
    return await served.then(() => undefined, (error: unknown) => ({ says: 'this process holds the office of the one who speaks for the member, and cannot', error })).finally(() => life.stop());
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function take(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1, $2) as taken', [...LOCK]);
  return rows[0]?.taken === true;
}

/** Sessions of our own user may be ended without any special right. */
async function putOutSilent(client: pg.Client, silentAfterMs: number): Promise<void> {
  await client.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.classid = $1::int4::oid and l.objid = $2::int4::oid and l.objsubid = 2
       and l.database = (select oid from pg_database where datname = current_database())
       and a.state_change < now() - make_interval(secs => $3)`, [...LOCK, silentAfterMs / 1000]);
}

/** Says something now and then; `lost` aborts when nothing was heard back for `patienceMs`, by our own clock. */
function keepInTouch(client: pg.Client, patienceMs: number, clock: Pick<Clock, 'sleep' | 'uptime'>, over: AbortSignal): { readonly lost: AbortSignal; stop(): void } {
  const [lost, stopped] = [new AbortController(), new AbortController()];
  const until = AbortSignal.any([over, stopped.signal]);
  let heard = clock.uptime();
  const talk = async (): Promise<void> => {
    while (!until.aborted && !lost.signal.aborted) {
      const asked = clock.uptime();
      // Not waited for: an answer that does not come must not keep us from noticing.
      void client.query('select 1').then(() => { heard = Math.max(heard, asked); }, () => undefined);
      await clock.sleep(Math.min(TRY_EVERY_MS, patienceMs / 5), until);
      if (clock.uptime() - heard > patienceMs) lost.abort();
    }
  };
  void talk();
  return { lost: lost.signal, stop: () => stopped.abort() };
}
