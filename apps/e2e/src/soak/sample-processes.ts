import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessSample } from './soak-log.js';

/** Whom to weigh under one name. */
export interface Weighed {
  readonly pids: readonly number[];
  /** Those too that these have started. */
  readonly withChildren?: boolean;
}

/** The processes as /proc shows them; those that are gone weigh nothing. `probes`: where heap-probe.cjs leaves what it found. */
export function sampleProcesses(wanted: Readonly<Record<string, Weighed>>, probes: string): Record<string, ProcessSample> {
  const children = childrenOfAll();
  return Object.fromEntries(Object.entries(wanted).map(([name, { pids, withChildren }]) => {
    const family = withChildren ? pids.flatMap((pid) => familyOf(pid, children)) : pids;
    const memoryKb = family.length === 1 ? rssKb(family[0] as number) : sum(family.map(pssKb));
    const heapKb = pids.length === 1 ? readHeap(join(probes, String(pids[0]))) : undefined;
    return [name, {
      pid: pids[0] ?? 0, memoryKb, ownKb: sum(family.map(ownKb)), handles: sum(family.map(handlesOf)), family: family.length, ...(heapKb === undefined ? {} : { heapKb }),
    }];
  }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const rssKb = (pid: number): number => field(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB$/m);
const ownKb = (pid: number): number => field(`/proc/${pid}/status`, /^RssAnon:\s+(\d+) kB$/m);
const pssKb = (pid: number): number => field(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB$/m);

function field(file: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(readFileSync(file, 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function handlesOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

function readHeap(file: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { heapKb: number }).heapKb;
  } catch {
    return undefined;
  }
}

function childrenOfAll(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)) {
    const parent = field(`/proc/${pid}/status`, /^PPid:\s+(\d+)$/m);
    children.set(parent, [...children.get(parent) ?? [], pid]);
  }
  return children;
}

function familyOf(pid: number, children: ReadonlyMap<number, readonly number[]>): number[] {
  const family = [pid];
  for (const one of family) family.push(...children.get(one) ?? []);
  return family;
}
