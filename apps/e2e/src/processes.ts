import { readdirSync, readFileSync } from 'node:fs';

/** A file of /proc; empty when the process is gone. */
export function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** KiB that it has in memory, pages that others have too among them. */
export const residentKb = (pid: number): number => field(procFile(pid, 'status'), /^VmRSS:\s+(\d+) kB$/m);
/** KiB that are backed by no file and shared with nobody. */
export const ownKb = (pid: number): number => field(procFile(pid, 'status'), /^RssAnon:\s+(\d+) kB$/m);
/** KiB, of what several processes share a share each. */
export const shareKb = (pid: number): number => field(procFile(pid, 'smaps_rollup'), /^Pss:\s+(\d+) kB$/m);

const field = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

/** Numbers of those that run now. */
export const allProcesses = (): number[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);

/** Of every process those that it has started, as far as they still hang below it. */
export function childrenOfAll(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const pid of allProcesses()) {
    const parent = field(procFile(pid, 'status'), /^PPid:\s+(\d+)$/m);
    children.set(parent, [...children.get(parent) ?? [], pid]);
  }
  return children;
}

/** A process and all below it. */
export function familyOf(pid: number, children = childrenOfAll()): number[] {
  const family = [pid];
  for (const one of family) family.push(...children.get(one) ?? []);
  return family;
}
