import { spawnSync } from 'node:child_process';
import { findPrograms, installPackage } from './system-package.js';

/** BullMQ needs at least Redis 6.2 (every Valkey will do). */
const OLDEST: readonly [number, number] = [6, 2];

/** A usable redis-server or valkey-server of this machine, installed by apt-get first when that is allowed and possible. */
export function findRedisProgram(install: boolean, log: (line: string) => void): string | undefined {
  return installed(log) ?? (install && installPackage('redis-server', log) ? installed(log) : undefined);
}

function installed(log: (line: string) => void): string | undefined {
  return ['redis-server', 'valkey-server'].flatMap(findPrograms).find((path) => isRecent(path, log));
}

function isRecent(path: string, log: (line: string) => void): boolean {
  const match = /v=(\d+)\.(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 5000 }).stdout ?? '');
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  const recent = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  if (!recent) log(`${path} is passed over: at least version ${OLDEST.join('.')} is needed`);
  return recent;
}
