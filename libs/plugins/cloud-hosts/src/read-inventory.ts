import type { MachineRecord } from './machine-record.js';

/** What the files of a machine and the process table of its host say. */
export interface MachineFacts {
  readonly record: MachineRecord;
  /** Its QEMU runs. */
  readonly runs: boolean;
  /** QEMU has not removed its file with its number, so it did not end in order. */
  readonly hasPidFile: boolean;
  /** So long ago its user stopped it; absent: it shall run. */
  readonly offForMs?: number;
  /** Its last start was in the present boot of the host, or in an earlier one; absent: it never was. */
  readonly started?: 'this-boot' | 'earlier-boot';
  /** Why its last start came to nothing, in QEMU's words. */
  readonly fault?: string;
}

/** The output of the script INVENTORY. A line that makes no sense is left out: one broken folder must not hide the others. */
export function readInventory(output: string): MachineFacts[] {
  const [head = '', ...lines] = output.split('\n');
  const [seconds = '', boot = ''] = head.split('\t');
  return lines.flatMap((line) => {
    const [id, runs, pid, off, started, fault, ...json] = line.split('\t');
    const record = parseRecord(json.join('\t'));
    if (!record || record.id !== id) return [];
    return [{
      record, runs: runs === '1', hasPidFile: pid === '1', ...(off ? { offForMs: Math.max(0, Number(seconds) - Number(off)) * 1000 } : {}),
      ...(started ? { started: started === boot ? 'this-boot' : 'earlier-boot' } as const : {}), ...(fault ? { fault } : {}),
    }];
  });
}

function parseRecord(text: string): MachineRecord | undefined {
  try {
    return JSON.parse(text) as MachineRecord;
  } catch {
    return undefined;
  }
}
