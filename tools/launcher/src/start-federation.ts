import { SetupError } from '@fogbow/embedded-servers';
import { bringDown } from './bring-down.js';
import { createFederation } from './bring-up.js';
import type { Federation } from './bring-up.js';
import { prepareDataFolder, wipeDataFolder } from './data-folder.js';
import { releaseLauncherLock, takeLauncherLock } from './launcher-lock.js';
import type { LauncherOptions } from './options.js';
import { planFederation } from './plan-federation.js';
import { ephemeralPortsWarning, refuseTakenPorts } from './refuse-taken-ports.js';
import { requirePrograms } from './require-programs.js';
import { welcome } from './show-table.js';
import { stopFederation } from './stop-federation.js';
import { stopLeftovers } from './stop-leftovers.js';
import { listenForStop } from './stop-request.js';
import type { StopRequest } from './stop-request.js';

type Say = (line: string) => void;

/** Makes the folder ready: wiped if asked, ours, writable, and nobody else's at this moment. */
export async function prepareStart(options: LauncherOptions, root: string, say: Say): Promise<void> {
  if (options.fresh) {
    await stopFederation(options.data, root, say);
    wipeDataFolder(options.data);
  }
  prepareDataFolder(options.data);
}

/** Runs a federation in the foreground until it is asked to stop. Resolves when everything has ended. */
export async function startFederation(options: LauncherOptions, root: string, say: Say): Promise<void> {
  await prepareStart(options, root, say);
  takeLauncherLock(options.data);
  try {
    const request = listenForStop(say);
    await stopLeftovers(options.data, root, say);
    const plan = planFederation(options);
    requirePrograms(plan, options.install, say);
    await refuseTakenPorts(plan);
    const warning = ephemeralPortsWarning(plan);
    if (warning) say(warning);
    const federation = createFederation({
      plan, root, install: options.install, say, signal: request.stop,
      restart: process.env['FOGBOW_NO_RESTART'] !== '1',
    });
    await runUntilStopped(federation, options, request, root, say);
  } finally {
    releaseLauncherLock(options.data);
  }
}

async function runUntilStopped(federation: Federation, options: LauncherOptions, request: StopRequest, root: string, say: Say): Promise<void> {
  process.once('uncaughtException', (error) => { say(`The launcher has a fault and stops: ${error.stack}`); process.exitCode = 1; request.ask(); });
  try {
    await federation.bringUp();
    say(welcome(options.data, federation.record(true)));
    await request.requested;
  } catch (error) {
    if (!request.stop.aborted) throw error instanceof SetupError ? error : new SetupError(`The federation cannot be started: ${(error as Error).stack}`);
  } finally {
    say('Stopping');
    await bringDown(federation, { data: options.data, root, hurry: request.hurry, say });
    say('Everything is stopped');
  }
}
