import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** From the beginning of a look to that of the next, when none takes longer. */
export const LOOK_SECONDS = 15;

/** What one process, with those that it started, weighs at a moment. */
export interface ProcessSample {
  readonly pid: number;
  /** Kilobytes in memory: of a single process all (RSS), of a family with what is shared counted once (PSS). */
  readonly memoryKb: number;
  /** Kilobytes of memory that no file and no shared memory stands behind, of the whole family. */
  readonly ownKb: number;
  /** Open file descriptors of the family. */
  readonly handles: number;
  /** Processes of the family. */
  readonly family: number;
  /** Kilobytes of the JavaScript heap in use after a full collection, at most a minute old; only processes of Node tell it. */
  readonly heapKb?: number;
}

/** Everything that was looked at together. Seconds count from the first order. */
export interface Sample {
  readonly type: 'sample';
  readonly seconds: number;
  readonly processes: Readonly<Record<string, ProcessSample>>;
  /** Connections by database. */
  readonly connections: Readonly<Record<string, number>>;
  /** Rows by `database.table`. */
  readonly rows: Readonly<Record<string, number>>;
  readonly redis: { readonly usedKb: number; readonly keys: number };
  /** Jobs that wait, by `member.queue`. */
  readonly queues: Readonly<Record<string, number>>;
  /** Machines at the clouds. */
  readonly machines: number;
  readonly logKb: number;
  readonly load: number;
}

/** One order from the wish to its last trace. Milliseconds since it was wished. */
export interface OrderRecord {
  readonly type: 'order';
  readonly seconds: number;
  /** Letter of the member that was asked. */
  readonly asked: string;
  readonly id?: string;
  readonly provider?: string;
  readonly look: 'login' | 'port' | 'none';
  readonly acceptedMs?: number;
  readonly fulfilledMs?: number;
  readonly lookedMs?: number;
  readonly deletedMs?: number;
  readonly goneMs?: number;
  /** Absent: all went well. */
  readonly fault?: string;
}

export interface SoakStart {
  readonly type: 'start';
  readonly at: string;
  readonly minutes: number;
  readonly rate: number;
  readonly about: Readonly<Record<string, string>>;
}

/** Written when the load has ended and everything was waited for; absent when somebody stopped the run. */
export interface SoakEnd {
  readonly type: 'end';
  readonly at: string;
  readonly seconds: number;
  /** What was left when nobody wanted anything any more. */
  readonly left: readonly string[];
}

export interface SoakLog {
  readonly start: SoakStart;
  readonly samples: readonly Sample[];
  readonly orders: readonly OrderRecord[];
  readonly end?: SoakEnd;
}

export type SoakLine = SoakStart | Sample | OrderRecord | SoakEnd;

/** Writes one line at a time, at once: whatever ends the run leaves what was seen. */
export function createSoakWriter(file: string): (line: SoakLine) => void {
  mkdirSync(dirname(file), { recursive: true });
  return (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export const readSoakLog = (file: string): SoakLog => parseSoakLog(readFileSync(file, 'utf8'));

/** A last line that was cut off by a crash is passed over. */
export function parseSoakLog(text: string): SoakLog {
  const lines = text.split('\n').filter(Boolean).flatMap((line, index, all) => {
    try {
      return [JSON.parse(line) as SoakLine];
    } catch (error) {
      if (index === all.length - 1) return [];
      throw new Error(`Line ${index + 1} of the log is no JSON.`, { cause: error });
    }
  });
  const of = <Type extends SoakLine['type']>(type: Type) => lines.filter((line): line is Extract<SoakLine, { type: Type }> => line.type === type);
  const [start, end] = [of('start')[0], of('end')[0]];
  if (!start) throw new Error('The log has no beginning.');
  return { start, samples: of('sample'), orders: of('order'), ...(end ? { end } : {}) };
}
