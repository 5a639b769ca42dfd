import { SetupError, stopProcess } from '@fogbow/embedded-servers';
import { isOurs } from './data-folder.js';
import { readFederation, writeFederation } from './federation-file.js';
import { runningLauncher } from './launcher-lock.js';
import { stopLeftovers, stopMachines } from './stop-leftovers.js';

const STOP_TIMEOUT_MS = 90_000;

/** Ends the federation of a folder and waits: through its launcher if that lives, else piece by piece. True when something ran. */
export async function stopFederation(data: string, root: string, say: (line: string) => void): Promise<boolean> {
  if (!isOurs(data)) return false;
  const launcher = runningLauncher(data);
  if (launcher !== undefined) {
    say(`Stopping the federation of ${data} (process ${launcher})`);
    await stopProcess(launcher, { graceMs: STOP_TIMEOUT_MS });
    if (runningLauncher(data) !== undefined) throw new SetupError(`The launcher ${launcher} does not end: look at ${data}/logs.`);
  }
  // Also after a launcher that ended: one that had to be killed left everything behind.
  await stopLeftovers(data, root, say);
  await stopMachines(data, root, say);
  const file = readFederation(data);
  if (file?.running) writeFederation(data, { ...file, running: false, processes: [] });
  return launcher !== undefined;
}
