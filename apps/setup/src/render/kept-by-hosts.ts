import type { Answers } from '../answers/answers.js';

/** Below each host's folder, as patterns of rsync: what a host changes by itself after the first copy, and what its servers write. */
function patternsOf({ certificates }: Pick<Answers, 'certificates'>): string[] {
  // Which image runs, who is a user; certificates of the operator's are renewed where they are used.
  return ['/.env', '/config/manager/users.yaml', '/data/', ...(certificates === 'files' ? ['/certificates/'] : [])];
}

/** A file for `rsync --exclude-from`, so that another copy takes nothing back that was done on a host. */
export function keptByHosts(answers: Pick<Answers, 'certificates'>): string {
  return ['# Written by fogbow-setup, for rsync --exclude-from at every copy but the first: what each host keeps as it is there.', ...patternsOf(answers)].map((line) => `${line}\n`).join('');
}

/** Whether another copy leaves out this file of the installation, such as internal/.env. */
export function isKeptByHost(answers: Pick<Answers, 'certificates'>, path: string): boolean {
  const below = /^(?:internal|external)(\/.+)$/.exec(path)?.[1];
  return below !== undefined && patternsOf(answers).some((pattern) => (pattern.endsWith('/') ? below.startsWith(pattern) : below === pattern));
}
