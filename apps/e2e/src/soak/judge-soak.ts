import { growthOf } from './growth.js';
import type { Growth, Point } from './growth.js';
import { LOOK_SECONDS } from './soak-log.js';
import type { Sample, SoakLog } from './soak-log.js';

/** One quantity of one process, and how much it may grow in an hour: the larger of a share of its level and a number of units. */
export interface Judged extends Growth {
  readonly what: string;
  readonly of: string;
  readonly unit: string;
  readonly bound: number;
  readonly holds: boolean;
}

export interface Verdict {
  readonly judged: readonly Judged[];
  /** Whole sentences; empty: the system is as it was. */
  readonly faults: readonly string[];
  /** Shorter runs tell nothing about an hour: what grows in them may be what fills up at the beginning. */
  readonly isLongEnough: boolean;
}

interface Bound {
  readonly what: string;
  readonly unit: string;
  readonly share: number;
  readonly least: number;
  /** By the name of the process, or of what else it is. */
  read(sample: Sample): Readonly<Record<string, number | undefined>>;
}

/** What is judged for as long as it lives; machines come and go. */
const isOurs = (name: string): boolean => name !== 'machines';
const perProcess = (sample: Sample, value: (process: Sample['processes'][string], name: string) => number | undefined): Record<string, number | undefined> =>
  Object.fromEntries(Object.entries(sample.processes).filter(([name]) => isOurs(name)).map(([name, process]) => [name, value(process, name)]));

/**
 * PostgreSQL fills the memory that its processes share as its tables grow, up to what it was given: what is judged there is the rest. It has a process for each
 * connection, which come and go with the load and are counted by themselves: what is judged is the mean of one.
 */
export const memoryMb = ({ memoryKb, ownKb, family }: Sample['processes'][string], name: string): number => (name === 'postgres' ? ownKb / Math.max(1, family) : memoryKb) / 1024;
export const handlesOf = ({ handles, family }: Sample['processes'][string], name: string): number => (name === 'postgres' ? handles / Math.max(1, family) : handles);

const BOUNDS: readonly Bound[] = [
  { what: 'memory', unit: 'MiB', share: 0.05, least: 4, read: (sample) => perProcess(sample, memoryMb) },
  { what: 'heap after collection', unit: 'MiB', share: 0.04, least: 1, read: (sample) => perProcess(sample, ({ heapKb }) => (heapKb === undefined ? undefined : heapKb / 1024)) },
  { what: 'open files', unit: '', share: 0.05, least: 2, read: (sample) => perProcess(sample, handlesOf) },
  { what: 'connections', unit: '', share: 0.05, least: 1, read: ({ connections }) => connections },
  { what: 'jobs waiting', unit: '', share: 0, least: 1, read: ({ queues }) => queues },
  { what: 'keys', unit: '', share: 0.05, least: 20, read: ({ redis }) => ({ redis: redis.keys }) },
  { what: 'memory as Redis counts it', unit: 'MiB', share: 0.05, least: 1, read: ({ redis }) => ({ redis: redis.usedKb / 1024 }) },
];

/** Tables that grow by design until what is in them is older than it is kept (keep.history, keep.removals; a day for keys). */
export const KEPT_TABLES = ['order_history', 'order_accounts', 'removed_orders', 'idempotency_keys'];
const LEAST_SECONDS = 1800;
/** Of all orders. A single one may meet a machine that is too busy. */
const MOST_FAULTY = 0.005;
/** Of the looks that there was time for, and of these of those that saw a heap. What was not seen is not flat. */
const LEAST_SEEN = { looks: 0.8, heaps: 0.8 };
/** Programs of others, which have no heap to tell; all the rest is Node's. */
const OF_OTHERS = /^(postgres|redis|prosody-.*|machines)$/;

export function judgeSoak(log: SoakLog): Verdict {
  const { samples, orders, end } = log;
  const judged = BOUNDS.flatMap((bound) => seriesOf(samples, bound.read).flatMap(([of, points]) => judge(bound, of, points)));
  const tables = seriesOf(samples, ({ rows }) => rows).filter(([of]) => !KEPT_TABLES.includes(of.split('.')[1] ?? ''))
    .flatMap(([of, points]) => judge({ what: 'rows', unit: '', share: 0.05, least: 5 }, of, points));
  const all = [...judged, ...tables];
  const faulty = orders.filter(({ fault }) => fault !== undefined);
  const isLongEnough = (samples.at(-1)?.seconds ?? 0) >= LEAST_SECONDS;
  return {
    judged: all, isLongEnough,
    faults: [
      ...all.filter(({ holds }) => isLongEnough && !holds).map(({ of, what, unit, perHour, bound }) => `${what} of ${of}: ${[perHour.toFixed(1), unit, 'more an hour'].filter(Boolean).join(' ')}, where ${bound.toFixed(1)} are allowed.`),
      ...blindness(log), ...(isLongEnough ? heapsUnseen(samples) : []),
      ...restarts(samples),
      ...(faulty.length > orders.length * MOST_FAULTY ? [`${faulty.length} of ${orders.length} orders went wrong, the first one: ${faulty[0]?.fault}.`] : []),
      ...(end?.left ?? []).map((left) => `Left at the end: ${left}.`),
    ],
  };
}

export function seriesOf(samples: readonly Sample[], read: Bound['read']): [string, Point[]][] {
  const series = new Map<string, Point[]>();
  for (const sample of samples) {
    for (const [name, value] of Object.entries(read(sample))) {
      if (value === undefined) continue;
      if (!series.has(name)) series.set(name, []);
      series.get(name)?.push({ seconds: sample.seconds, value });
    }
  }
  return [...series];
}

function judge({ what, unit, share, least }: Omit<Bound, 'read'>, of: string, points: readonly Point[]): Judged[] {
  const growth = growthOf(points);
  if (!growth) return [];
  const bound = Math.max(least, growth.level * share);
  return [{ ...growth, what, of, unit, bound, holds: growth.perHour <= bound }];
}

/** Looks that failed leave gaps in which anything may have grown. */
function blindness({ samples, orders, end }: SoakLog): string[] {
  const seconds = Math.max(end?.seconds ?? 0, samples.at(-1)?.seconds ?? 0, ...orders.map((order) => order.seconds));
  if (samples.length === 0) return ['Nothing was seen: not one look succeeded.'];
  const expected = Math.floor(seconds / LOOK_SECONDS);
  return samples.length < expected * LEAST_SEEN.looks ? [`Only ${samples.length} of ${expected} looks succeeded.`] : [];
}

/** A heap that nobody tells would pass for one that does not grow. */
function heapsUnseen(samples: readonly Sample[]): string[] {
  return seriesOf(samples, (sample) => perProcess(sample, ({ heapKb }) => (heapKb === undefined ? 0 : 1))).filter(([name]) => !OF_OTHERS.test(name)).flatMap(([name, seen]) => {
    const count = seen.reduce((sum, { value }) => sum + value, 0);
    return count < seen.length * LEAST_SEEN.heaps ? [count === 0 ? `There is no heap of ${name}.` : `The heap of ${name} was seen in ${count} of ${seen.length} looks.`] : [];
  });
}

/** Who starts anew begins with a clean memory, so that it may not pass for one that is flat. */
function restarts(samples: readonly Sample[]): string[] {
  return seriesOf(samples, (sample) => perProcess(sample, ({ pid }) => pid)).flatMap(([name, pids]) => {
    const others = new Set(pids.map(({ value }) => value)).size - 1;
    return others > 0 ? [`${name} was started anew ${others} time(s).`] : [];
  });
}
