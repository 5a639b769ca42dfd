import { within } from './within.js';

/** Steps that need each other: the first that fails ends the chapter. The next chapter starts from a clean slate. */
export interface Chapter {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Nothing after it makes sense when it fails. */
  readonly isEssential?: boolean;
  /** The longest that each of its steps may take; a step that takes longer has failed. Default: that of the story. */
  readonly stepMs?: number;
}

/** Resolves when all that its name says is so; what it returns is shown behind its line. Rejects with {@link NotTried} where it cannot be tried. */
export type Step = readonly [name: string, action: () => Promise<string | void>];

/** A step that cannot be tried here, and why: it counts as skipped, and its chapter goes on. */
export class NotTried extends Error {}

export interface StoryEnd {
  readonly held: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Telling {
  readonly say?: (line: string) => void;
  /** Of every step whose chapter says nothing else; default: {@link LONGEST_STEP_MS}. */
  readonly stepMs?: number;
}

/** Longer than what any step bounds itself by (a suite of rules over real machines takes up to twenty minutes): who waits for ever fails at last. */
export const LONGEST_STEP_MS = 25 * 60_000;

/** Tells the chapters one after the other, a line for each step. `cleanSlate` runs after each chapter. */
export async function tellStory(chapters: readonly Chapter[], cleanSlate: () => Promise<void>, { say = print, stepMs: usual = LONGEST_STEP_MS }: Telling = {}): Promise<StoryEnd> {
  const end = { held: 0, failed: 0, skipped: 0 };
  let isOver = false;
  for (const { name, steps, isEssential, stepMs = usual } of chapters) {
    say(`\n${name}`);
    let isBroken: boolean = isOver;
    for (const step of steps) {
      if (isBroken) say(`  · ${step[0]}: not tried`);
      const outcome: keyof StoryEnd = isBroken ? 'skipped' : await attempt(step, { say, stepMs });
      end[outcome] += 1;
      isBroken ||= outcome === 'failed';
    }
    isOver ||= isBroken && isEssential === true;
    if (isOver || (await attempt(['a clean slate', cleanSlate], { say, stepMs }, true)) === 'held') continue;
    end.failed += 1;
    isOver = true;
  }
  return end;
}

async function attempt([name, action]: Step, { say, stepMs }: Required<Telling>, isQuiet = false): Promise<keyof StoryEnd> {
  const begun = performance.now();
  const took = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  try {
    const note = await within(stepMs, 'it', action());
    if (!isQuiet) say(`  ✓ ${name} (${took()})${note ? `: ${note}` : ''}`);
    return 'held';
  } catch (error) {
    if (error instanceof NotTried) {
      say(`  · ${name}: not tried: ${error.message}`);
      return 'skipped';
    }
    say(`  ✗ ${name} (${took()})\n      ${(error instanceof Error ? error.message : String(error)).split('\n').join('\n      ')}`);
    return 'failed';
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
