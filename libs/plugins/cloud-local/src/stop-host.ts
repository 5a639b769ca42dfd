import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createDirectoryLock } from './directory-lock.js';
import { bury, sightAll } from './machine-host.js';
import type { Sighting } from './machine-host.js';
import { killMachine, processesOf, signalProcess } from './machine-processes.js';
import { setTimeout as delay } from 'node:timers/promises';

/** A machine has this long to power off before it is killed. */
const GRACE_ROUNDS = 75;
const GRACE_PAUSE_MS = 20;

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

async function powerOff({ folder, record, status }: Sighting): Promise<void> {
  folder.markHostStopped();
  const running = folder.process();
  if (running && (status === 'running' || status === 'booting')) signalProcess(running.pid, 'SIGTERM');
  for (let round = 0; round < GRACE_ROUNDS && processesOf(record.id).length > 0; round++) await delay(GRACE_PAUSE_MS);
  await killMachine(record.id);
}
