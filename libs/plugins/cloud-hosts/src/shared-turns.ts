import { dirname } from 'node:path';
import { lockFile } from '@fogbow/image-files';
import { FogbowError, createKeyedTurns, isFogbowError } from '@fogbow/plugin-contracts';
import { makeFolder } from './write-once.js';

/** One piece of work at a time among all processes that name the same file. Rejects with cloud-unavailable when the signal aborts before its turn. */
export type SharedTurns = <Result>(signal: AbortSignal, work: () => Promise<Result>) => Promise<Result>;

/** Those of this process queue among themselves, so that at most one of them waits for the file. */
export function createSharedTurns(file: string): SharedTurns {
  const turns = createKeyedTurns();
  return (signal, work) => turns(file, async () => {
    makeFolder(dirname(file));
    const unlock = await lockFile(file, signal).catch((cause: unknown) => {
      throw isFogbowError(cause) ? cause : new FogbowError('cloud-unavailable', 'There was no time left to wait for others at the volumes.', { cause });
    });
    try {
      return await work();
    } finally {
      await unlock();
    }
  });
}
