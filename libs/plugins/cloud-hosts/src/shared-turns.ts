import { dirname } from 'node:path';
import { lockFile } from '@fogbow/image-files';
import { FogbowError, createKeyedTurns, isFogbowError } from '@fogbow/plugin-contracts';
import { makeFolder } from './write-once.js';

/** One piece of work at a time among all processes that name the same file. Rejects with cloud-unavailable when the signal aborts before its turn. */
export type SharedTurns = <Result>(signal: AbortSignal, work: () => Promise<Result>) => Promise<Result>;

/** Those of this process queue among themselves, so that at most one of them waits for the file. */
export function createSharedTurns(file: string): SharedTurns {
  const turns = createKeyedTurns();
  return (signal, work) => new Promise((resolve, reject) => {
    const late = (): void => reject(tooLate(signal.reason));
    if (signal.aborted) return late();
    signal.addEventListener('abort', late, { once: true });
    turns(file, async () => {
      signal.removeEventListener('abort', late);
      return await lockedWork(file, signal, work);
    }).then(resolve, reject);
  });
}

async function lockedWork<Result>(file: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  if (signal.aborted) throw tooLate(signal.reason);
  makeFolder(dirname(file));
  const unlock = await lockFile(file, signal).catch((cause: unknown) => { throw isFogbowError(cause) ? cause : tooLate(cause); });
  try {
    return await work();
  } finally {
    await unlock();
  }
}

const tooLate = (cause: unknown): FogbowError => new FogbowError('cloud-unavailable', 'There was no time left to wait for others at the volumes.', { cause });
