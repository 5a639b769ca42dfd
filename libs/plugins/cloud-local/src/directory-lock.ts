import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FogbowError, limitTime } from '@fogbow/plugin-contracts';
import { identify, isAlive } from './process-identity.js';
import type { ProcessIdentity } from './process-identity.js';

const PAUSE_MS = 5;
const PATIENCE_MS = 30_000;

export interface DirectoryLock {
  /** Runs the step while no other holder of the lock, in this process or another, runs one. */
  hold<Result>(signal: AbortSignal, step: () => Result | Promise<Result>): Promise<Result>;
}

/**
 * A lock between processes, as a file that names its holder; the lock of a process that has died is taken from it. Rejects with
 * cloud-unavailable when the signal aborts or nothing moves for half a minute.
 */
export function createDirectoryLock(file: string): DirectoryLock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    hold(signal, step) {
      const turn = last.then(async () => {
        const release = await acquire(file, limitTime(signal, PATIENCE_MS));
        try {
          return await step();
        } finally {
          release();
        }
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}

async function acquire(file: string, signal: AbortSignal): Promise<() => void> {
  while (!tryLink(file)) {
    breakIfStale(file);
    await delay(PAUSE_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new FogbowError('cloud-unavailable', 'The local cloud is busy: its lock did not become free.', { cause });
    });
  }
  return () => rmSync(file, { force: true });
}

/** A link appears with its content or not at all, so a lock always names its holder. */
function tryLink(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Only one process at a time may break a lock, or the second would break the lock that the first has just taken. Nothing here
 * waits, so a breaker's own mark stays behind only if it is killed between two statements; then it is taken away the same way.
 */
function breakIfStale(file: string): void {
  const guard = `${file}.breaking`;
  if (!isStale(file)) return;
  if (!tryLink(guard)) {
    if (isStale(guard)) rmSync(guard, { force: true });
    return;
  }
  if (isStale(file)) rmSync(file, { force: true });
  rmSync(guard, { force: true });
}

/** Names the same dead process before and after we saw that it is dead: a lock that changed hands meanwhile is not stale. */
function isStale(file: string): boolean {
  const holder = readHolder(file);
  return holder !== undefined && !isAlive(JSON.parse(holder) as ProcessIdentity) && readHolder(file) === holder;
}

function readHolder(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
