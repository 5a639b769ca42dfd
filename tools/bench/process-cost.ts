import { readdirSync, readFileSync } from 'node:fs';

/** The process and all that descend from it, now. */
export function familyOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statOf(Number(name))?.[1]);
    if (Number.isInteger(parent)) children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  const family = [pid];
  for (const one of family) family.push(...children.get(one) ?? []);
  return family;
}

/** The fields of /proc/PID/stat behind the name: state, parent, … */
function statOf(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
  } catch {
    return undefined;
  }
}

const TICKS_A_SECOND = 100;

/** Seconds of processor time that the family has used, those of its members that have ended included. */
export function cpuSeconds(pid: number): number {
  return familyOf(pid).reduce((sum, one) => {
    const stat = statOf(one) ?? [];
    return sum + [11, 12, 13, 14].reduce((ticks, field) => ticks + Number(stat[field] ?? 0), 0);
  }, 0) / TICKS_A_SECOND;
}

/** Kilobytes of memory of the family; what processes share is divided among them. */
export function memoryKb(pid: number): number {
  return familyOf(pid).reduce((sum, one) => {
    try {
      return sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'latin1'))?.[1] ?? 0);
    } catch {
      return sum;
    }
  }, 0);
}
