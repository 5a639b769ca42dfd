import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDirectoryLock } from './directory-lock.js';
import { endMachine } from './end-machine.js';
import { bury, sightAll } from './machine-host.js';
import type { Sighting } from './machine-host.js';

/**
 * Takes down every machine of a cloud directory, as a host does that is switched off: the next `start` of the plugin boots them again
 * with all they had. Returns the ids of the machines it stopped. Holds the lock all the time, so nobody takes one for dead.
 */
export async function stopHost(directory: string, signal: AbortSignal = new AbortController().signal): Promise<readonly string[]> {
  if (!existsSync(directory)) return [];
  const stopped = await createDirectoryLock(join(directory, 'lock')).hold(signal, async () => {
    const machines = sightAll(directory).filter(({ status }) => status !== 'dead');
    await Promise.all(machines.map(powerOff));
    return machines.map(({ record }) => record.id);
  });
  await bury(directory);
  return stopped;
}

async function powerOff(sighting: Sighting): Promise<void> {
  sighting.folder.markHostStopped();
  await endMachine(sighting);
}
