import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { ServiceAddress } from '@fogbow/request-model';

/** One life of an order's machine. */
export interface Incarnation {
  readonly orderId: string;
  readonly incarnation: number;
}

/** A machine that runs and can be reached. */
export interface Reached extends Incarnation {
  /** Absent: nobody knows where, and it cannot be measured. */
  readonly address?: ProbeAddress;
}

export interface ProbeAddress extends ServiceAddress {
  readonly hostKey?: string;
}

/** How far the measurement of a machine is. */
export interface MeasurementState extends Incarnation {
  readonly isOver: boolean;
  /** Absent: it was not measured, or not yet. */
  readonly seconds?: number;
  /** It has just begun. */
  readonly isNew: boolean;
}

/** A measurement that this worker holds. */
export interface ClaimedMeasurement extends Incarnation {
  readonly address: ProbeAddress;
  readonly tries: number;
  /** Until it is given up. */
  readonly leftMs: number;
  /** Of a try before, whose worker died before it could say goodbye to the machine. */
  readonly seconds?: number;
}

/** Which machines are to be measured, and what came of it. Times are the database's. */
export interface MeasurementStore {
  /** The machine is about to be made with the probe in its user data. Idempotent. */
  expect(machine: Incarnation): Promise<void>;
  /** Begins those that have not begun; answers all that are expected. */
  look(machines: readonly Reached[]): Promise<MeasurementState[]>;
  /** Takes the next that is due, unless as many as may be are under way anywhere. */
  claim(): Promise<ClaimedMeasurement | undefined>;
  /** The result, before the machine is told that we have it. False: the measurement is not ours any more. */
  keep(machine: Incarnation, seconds: number): Promise<boolean>;
  /** Frees it for another try. False as above. */
  retry(machine: Incarnation, inMs: number, fault: string): Promise<boolean>;
  /** False as above. */
  end(machine: Incarnation, fault?: string): Promise<boolean>;
  /** Ends those that wait for too long, with the last fault of each. */
  endLate(): Promise<(Incarnation & { readonly fault?: string })[]>;
  /** Drops those whose order is past it. */
  forget(): Promise<void>;
}

export interface MeasurementStoreOptions {
  readonly database: Kysely<unknown>;
  readonly workerId: string;
  readonly workerDeadAfterMs: number;
  /** From the first sight of the machine to the end of its order's patience. */
  readonly patienceMs: number;
  /** After so long a claimed measurement is anybody's again. */
  readonly leaseMs: number;
  readonly atOnce: number;
}

/** Of `measurements m`: its order is past it. One whose order is still open is about to be made, or was made by a worker that died. */
export const isPast = sql`not exists (select 1 from orders o where o.id = m.order_id and o.incarnation = m.incarnation and o.state in ('open', 'spawning'))`;

const NO_ADDRESS = 'nobody knows where it can be reached';

export function createMeasurementStore(options: MeasurementStoreOptions): MeasurementStore {
  const { database, workerId } = options;
  const ours = ({ orderId, incarnation }: Incarnation) => sql`order_id = ${orderId} and incarnation = ${incarnation} and lease_owner = ${workerId} and not is_over`;
  const isDone = async (update: ReturnType<typeof sql>): Promise<boolean> => Number((await update.execute(database)).numAffectedRows ?? 0) > 0;
  return {
    async expect({ orderId, incarnation }) {
      await sql`insert into measurements (order_id, incarnation) values (${orderId}, ${incarnation}) on conflict do nothing`.execute(database);
    },
    look: (machines) => look(options, machines),
    claim: () => claim(options),
    keep: (machine, seconds) => isDone(sql`update measurements set seconds = ${seconds} where ${ours(machine)}`),
    retry: (machine, inMs, fault) => isDone(sql`update measurements set lease_owner = null, lease_until = null, fault = ${fault},
      next_try_at = clock_timestamp() + make_interval(secs => ${inMs / 1000}) where ${ours(machine)}`),
    end: (machine, fault) => isDone(sql`update measurements set is_over = true, lease_owner = null, lease_until = null, fault = ${fault ?? null} where ${ours(machine)}`),
    async endLate() {
      const { rows } = await sql<{ order_id: string; incarnation: number; fault: string | null }>`
        update measurements set is_over = true where not is_over and until <= clock_timestamp() and seconds is null
        returning order_id, incarnation, fault`.execute(database);
      return rows.map((row) => ({ orderId: row.order_id, incarnation: row.incarnation, ...(row.fault === null ? {} : { fault: row.fault }) }));
    },
    async forget() {
      await sql`delete from measurements m where ${isPast}`.execute(database);
    },
  };
}

interface StateRow { readonly order_id: string; readonly incarnation: number; readonly is_over: boolean; readonly is_new: boolean; readonly seconds: number | null }

async function look({ database, patienceMs }: MeasurementStoreOptions, machines: readonly Reached[]): Promise<MeasurementState[]> {
  if (machines.length === 0) return [];
  const { rows } = await sql<StateRow>`
    with seen as (
      select * from jsonb_to_recordset(${JSON.stringify(machines)}::jsonb) as s("orderId" uuid, incarnation integer, address jsonb)
    ), begun as (
      update measurements m set address = s.address, until = clock_timestamp() + make_interval(secs => ${patienceMs / 1000}), next_try_at = clock_timestamp(),
        is_over = s.address is null, fault = case when s.address is null then ${NO_ADDRESS} end
      from seen s where m.order_id = s."orderId" and m.incarnation = s.incarnation and m.until is null
      returning m.order_id, m.incarnation, m.is_over
    )
    select m.order_id, m.incarnation, coalesce(b.is_over, m.is_over or m.until <= clock_timestamp(), false) as is_over, b.order_id is not null and not b.is_over as is_new, m.seconds
    from seen s join measurements m on m.order_id = s."orderId" and m.incarnation = s.incarnation
    left join begun b on b.order_id = m.order_id and b.incarnation = m.incarnation`.execute(database);
  return rows.map((row) => ({ orderId: row.order_id, incarnation: row.incarnation, isOver: row.is_over, isNew: row.is_new, ...(row.seconds === null ? {} : { seconds: row.seconds }) }));
}

interface ClaimedRow { readonly order_id: string; readonly incarnation: number; readonly address: ProbeAddress; readonly tries: number; readonly left_ms: number; readonly seconds: number | null }

async function claim({ database, workerId, workerDeadAfterMs, leaseMs, atOnce }: MeasurementStoreOptions): Promise<ClaimedMeasurement | undefined> {
  const row = await database.transaction().execute(async (transaction) => {
    // Processes take turns, so that they do not count each other's claims too late.
    await sql`select pg_advisory_xact_lock(hashtext('claim measurement'))`.execute(transaction);
    const isHeld = sql`m.lease_until > clock_timestamp()
      and exists (select 1 from workers w where w.id = m.lease_owner and w.seen_at > now() - make_interval(secs => ${workerDeadAfterMs / 1000}))`;
    const { rows } = await sql<ClaimedRow>`
      with picked as (
        select m.order_id, m.incarnation from measurements m
        where not m.is_over and m.until > clock_timestamp() and m.next_try_at <= clock_timestamp() and not coalesce(${isHeld}, false)
          and (select count(*) from measurements m where not m.is_over and ${isHeld}) < ${atOnce}
        order by m.next_try_at limit 1
      )
      update measurements m set lease_owner = ${workerId}, lease_until = clock_timestamp() + make_interval(secs => ${leaseMs / 1000}), tries = m.tries + 1
      from picked p where m.order_id = p.order_id and m.incarnation = p.incarnation
      returning m.order_id, m.incarnation, m.address, m.tries, extract(epoch from m.until - clock_timestamp())::float8 * 1000 as left_ms, m.seconds`.execute(transaction);
    return rows[0];
  });
  return row && {
    orderId: row.order_id, incarnation: row.incarnation, address: row.address, tries: row.tries, leftMs: row.left_ms, ...(row.seconds === null ? {} : { seconds: row.seconds }),
  };
}
