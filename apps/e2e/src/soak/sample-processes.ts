import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childrenOfAll, familyOf, ownKb, residentKb, shareKb } from '../processes.js';
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
    const memoryKb = family.length === 1 ? residentKb(family[0] as number) : sum(family.map(shareKb));
    const heapKb = pids.length === 1 ? readHeap(join(probes, String(pids[0]))) : undefined;
    return [name, {
      pid: pids[0] ?? 0, memoryKb, ownKb: sum(family.map(ownKb)), handles: sum(family.map(handlesOf)), family: family.length, ...(heapKb === undefined ? {} : { heapKb }),
    }];
  }));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

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
