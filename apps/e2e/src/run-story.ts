import type { StoryEnd } from './story.js';
import { within } from './within.js';

/** Exit status of a story that cannot be told here; automake's, which CI knows. */
export const SKIPPED = 77;
const INTERRUPTED = 130;
/** The longest that one thing may take to go; the launcher gives its processes three minutes. */
const ENDING_MS = 300_000;
/** After a signal what is just being started gets so long to run, so that it can be ended too. */
const LATE_MS = 30_000;

/** Ends one thing that a story has started. */
export type Ending = () => Promise<unknown> | void;

/** What ends a story, the last first. What is pushed after the end has begun is ended at once. */
export interface Endings {
  push(ending: Ending): void;
}

/** True when all held, of a story that has said its last words itself. */
export type Told = boolean | (StoryEnd & { /** Stands behind the numbers. */ readonly note?: string });

export interface StoryRun<World> {
  /** One sentence on why the story cannot be told here. */
  readonly skip?: () => string | undefined;
  /** Starts what the story needs, and pushes the end of each thing as soon as there is something to end: it may be cut short at any moment. */
  open(endings: Endings): Promise<World>;
  tell(world: World): Promise<Told>;
}

/** Where a story is played: the process, but in tests. */
export interface Stage {
  say(line: string): void;
  once(signal: 'SIGINT' | 'SIGTERM', heard: () => void): unknown;
}

/**
 * The main function of a story. Whatever happens, all that it has started is ended, and the process with status 0 when every step held, 1 when one failed, none held or something was
 * left behind, 77 where it cannot be told, and 130 after SIGINT or SIGTERM; a second signal of the same name ends it on the spot.
 */
export function runStory<World>(story: StoryRun<World>): void {
  const stage: Stage = { say: (line) => void process.stdout.write(`${line}\n`), once: (signal, heard) => process.once(signal, heard) };
  playStory(story, stage).then((status) => process.exit(status), (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  });
}

/** Resolves to the exit status when all is ended; rejects, then too, with the error that kept the story from being told. */
export async function playStory<World>({ skip, open, tell }: StoryRun<World>, { say, once }: Stage): Promise<number> {
  const missing = skip?.();
  if (missing !== undefined) {
    say(`Skipped: ${missing}`);
    return SKIPPED;
  }
  const begun = performance.now();
  const { endings, end } = createEndings(say);
  let isInterrupted = false;
  const interrupted = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) once(signal, () => { isInterrupted = true; resolve(INTERRUPTED); });
  });
  const opening = Promise.resolve().then(() => open(endings));
  const told = opening.then(tell).then((outcome) => (isInterrupted ? INTERRUPTED : conclude(outcome, performance.now() - begun, say)));
  let status = 1;
  let left = 0;
  try {
    status = await Promise.race([interrupted, told]);
  } finally {
    // Steps that are under way go on meanwhile, and fail as what they need goes.
    if (isInterrupted) say('\nInterrupted: all that was started is ended now.');
    await end();
    await within(LATE_MS, 'the start', opening).catch(() => undefined);
    left = await end();
  }
  return status === 0 && left > 0 ? 1 : status;
}

function conclude(told: Told, tookMs: number, say: Stage['say']): number {
  if (typeof told === 'boolean') return told ? 0 : 1;
  const { held, failed, skipped, note } = told;
  say(`\n${held} steps held, ${failed} failed${skipped > 0 ? `, ${skipped} were not tried` : ''}${note === undefined ? '' : `; ${note}`}; ${(tookMs / 1000).toFixed(1)} s`);
  return failed === 0 && held > 0 ? 0 : 1;
}

/** `end` resolves when nothing is left to be ended, to the number of those that failed: the others are ended all the same. */
export function createEndings(say: Stage['say']): { readonly endings: Endings; end(): Promise<number> } {
  const left: Ending[] = [];
  let ending: Promise<void> | undefined;
  let faults = 0;
  const drain = async (): Promise<void> => {
    for (let one = left.pop(); one; one = left.pop()) {
      await within(ENDING_MS, 'an end', Promise.resolve().then(one)).catch((error: unknown) => {
        faults += 1;
        say(`Not removed: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  };
  return {
    endings: {
      push(one) {
        left.push(one);
        if (ending) ending = ending.then(drain);
      },
    },
    async end() {
      for (let seen: Promise<void> | undefined; seen !== ending || !seen;) await (seen = ending ??= drain());
      return faults;
    },
  };
}
