import { setTimeout as pause } from 'node:timers/promises';
import type { ChildServer } from '@fogbow/embedded-servers';
import { nextDelay } from './next-delay.js';

/** Something that runs as a process: how to start it; `start` resolves when it is healthy and rejects with a sentence. */
export interface Supervised {
  readonly name: string;
  start(): Promise<ChildServer>;
}

export interface SupervisorOptions {
  /** False leaves the dead dead (crash tests). */
  readonly restart: boolean;
  readonly say: (line: string) => void;
  /** The processes of now changed. */
  readonly onChange: () => void;
  readonly firstDelayMs?: number;
}

export interface Supervisor {
  start(one: Supervised): Promise<void>;
  /** Ends one and never restarts it. Fine for a name that is not there. */
  stop(name: string, hurry?: AbortSignal): Promise<void>;
  pidOf(name: string): number | undefined;
}

interface Watched {
  readonly stopping: AbortController;
  current: ChildServer | undefined;
  loop: Promise<void>;
}

/** Keeps processes alive: one that ends unasked is started again after 1 s, then 2 s … 30 s. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const all = new Map<string, Watched>();
  const watch = async (one: Supervised, watched: Watched): Promise<void> => {
    let failures = 0;
    for (;;) {
      const begun = performance.now();
      await watched.current?.ended;
      watched.current = undefined;
      if (watched.stopping.signal.aborted) return;
      options.onChange();
      if (!options.restart) return options.say(`${one.name} ended; it is left so (FOGBOW_NO_RESTART)`);
      const { delayMs, count } = nextDelay(failures, performance.now() - begun, options.firstDelayMs);
      failures = count;
      options.say(`${one.name} ended unexpectedly; starting it again in ${delayMs / 1000} s`);
      await pause(delayMs, undefined, { signal: watched.stopping.signal }).catch(() => undefined);
      if (watched.stopping.signal.aborted) return;
      await revive(one, watched, options);
    }
  };
  return {
    async start(one) {
      const watched: Watched = { stopping: new AbortController(), current: await one.start(), loop: Promise.resolve() };
      all.set(one.name, watched);
      options.onChange();
      watched.loop = watch(one, watched);
    },
    async stop(name, hurry) {
      const watched = all.get(name);
      if (!watched) return;
      watched.stopping.abort();
      await watched.current?.stop(hurry);
      await watched.loop;
      all.delete(name);
    },
    pidOf: (name) => all.get(name)?.current?.pid,
  };
}

async function revive(one: Supervised, watched: Watched, options: SupervisorOptions): Promise<void> {
  try {
    const child = await one.start();
    watched.current = child;
    if (watched.stopping.signal.aborted) return await child.stop();
    options.say(`${one.name} is back`);
    options.onChange();
  } catch (error) {
    options.say((error as Error).message);
  }
}
