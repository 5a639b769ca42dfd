import { readFileSync, statSync } from 'node:fs';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberId } from '@fogbow/request-model';
import type { Clock, Logger } from '@fogbow/service-runtime';
import type { Admission } from './admission.js';
import { parseAdmissionList } from './admission-list.js';
import type { AdmissionList } from './admission-list.js';

export interface AdmissionFileOptions {
  readonly path: string;
  /** Admitted as well. */
  readonly also?: readonly MemberId[];
  readonly clock: Pick<Clock, 'uptime'>;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 1000;

/** What is wrong with the file, as sentences; none when it can be used. */
export function admissionFileFaults(path: string): readonly string[] {
  try {
    return readList(path).faults;
  } catch (error) {
    return [`The list of admitted members ${path} cannot be read: ${(error as Error).message}`];
  }
}

/**
 * Admits the members of a file, which is looked at again, at most every second, when somebody announces itself. A file that has gone or
 * has a fault changes nothing: the last good list stays in force, and the fault is logged once. Throws when it is bad from the beginning.
 */
export function createAdmissionFile({ path, also = [], clock, log }: AdmissionFileOptions): Admission {
  const [fault] = admissionFileFaults(path);
  if (fault) throw new FogbowError('internal', fault);
  let version = versionOf(path);
  let { members } = readList(path);
  let lookedAt = clock.uptime();
  const look = (): void => {
    if (clock.uptime() - lookedAt < LOOK_EVERY_MS) return;
    lookedAt = clock.uptime();
    const now = versionOf(path);
    if (now === version) return;
    version = now;
    const faults = admissionFileFaults(path);
    if (faults.length > 0) return log.warn('the list of admitted members is bad; the last good one stays in force', { faults: faults.slice(0, 5) });
    ({ members } = readList(path));
    log.info('read the list of admitted members again', { members: members.size });
  };
  const always = new Set(also);
  return {
    admits(id) {
      look();
      return members.has(id) || always.has(id);
    },
  };
}

const readList = (path: string): AdmissionList => parseAdmissionList(readFileSync(path, 'utf8'));

/** Another text when the file is another one. */
function versionOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : 'gone';
}
