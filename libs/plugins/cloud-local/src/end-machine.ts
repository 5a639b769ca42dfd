import { setTimeout as delay } from 'node:timers/promises';
import { hasEnded } from './machine-host.js';
import type { Sighting } from './machine-host.js';
import { killMachine, processesOf, signalProcess } from './machine-processes.js';

/** A machine has this long to power off before it is killed. */
const GRACE_ROUNDS = 75;
const GRACE_PAUSE_MS = 20;

/** Ends all processes of a machine that is marked, so that nobody takes it for dead. False when something is left. */
export async function endMachine({ folder, record, status }: Sighting): Promise<boolean> {
  const running = folder.process();
  if (running && ['running', 'booting', 'suspended'].includes(status)) {
    // A halted process learns of its end when it goes on.
    signalProcess(running.pid, 'SIGTERM');
    if (status === 'suspended') for (const pid of processesOf(record.id)) signalProcess(pid, 'SIGCONT');
  }
  for (let round = 0; round < GRACE_ROUNDS && processesOf(record.id).length > 0; round++) await delay(GRACE_PAUSE_MS);
  return (await killMachine(record.id)) && (await hasEnded(folder));
}
