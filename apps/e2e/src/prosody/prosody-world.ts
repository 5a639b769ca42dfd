import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcessControl } from '../crash-safety/process-control.js';
import type { ProcessControl } from '../crash-safety/process-control.js';
import { awaitEvent } from '../await-event.js';
import { isPortOpen, machinesIn } from '../machines.js';
import type { World } from '../main-job/world.js';

/** Members whose Managers are components of a Prosody each; what is killed stays dead until a chapter starts it again. */
export interface ProsodyWorld {
  readonly world: World;
  control(): ProcessControl;
  /** Requirements that only B fulfils. */
  toB(): string;
  /** Machines that exist at A and at B. */
  machines(): { readonly a: number; readonly b: number };
  /** Remembers how far the log of a process is. */
  mark(name: string): Log;
}

/** What a process has written since its log was marked. */
export interface Log {
  text(): string;
  /** Resolves when it holds the words. */
  says(words: string): Promise<unknown>;
}

/** What heals in minutes in production heals in seconds here. */
const QUICK: NodeJS.ProcessEnv = {
  FOGBOW_PLACEMENT_RETRY_AFTER: '1s', FOGBOW_PLACEMENT_RESEND_AFTER: '2s', FOGBOW_PERIODS_SCHEDULER: '1s', FOGBOW_PERIODS_RESEND: '500ms', FOGBOW_PERIODS_RELEASE: '1s',
  FOGBOW_XMPP_TIMEOUT: '2s', FOGBOW_ORPHANS_GRACE: '3s', FOGBOW_PERIODS_MONITOR: '1s', FOGBOW_PERIODS_SERVED: '2s',
};

/** The processes are looked up when the first of them is needed: they are known only once the federation runs. */
export function createProsodyWorld(world: World): ProsodyWorld {
  const { federation } = world;
  let control: ProcessControl | undefined;
  const answers = (member: 'a' | 'b') => async (): Promise<void> => {
    if (!await isPortOpen(federation.member(member).xmpp)) throw new Error(`Prosody of ${member} does not answer.`);
  };
  return {
    world,
    control: () => control ??= createProcessControl({
      processes: federation.file().processes, environment: (name) => (name.startsWith('manager-') ? QUICK : {}),
      probes: { 'prosody-a': answers('a'), 'prosody-b': answers('b') },
    }),
    toB: () => `Glue2CloudComputeManagerID == "${world.b.id}"`,
    machines: () => ({ a: machinesIn(String(world.a.cloud.directory)).length, b: machinesIn(String(world.b.cloud.directory)).length }),
    mark(name) {
      // A process that a chapter has started is not in federation.json.
      const logFile = join(federation.data, 'logs', `${name}.log`);
      const from = readFileSync(logFile).length;
      const text = (): string => readFileSync(logFile).subarray(from).toString();
      return { text, says: (words) => awaitEvent(`the log of ${name} says: ${words}`, () => text().includes(words), { timeoutMs: 30_000 }) };
    },
  };
}
