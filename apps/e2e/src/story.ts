/** Steps that need each other: the first that fails ends the chapter. The next chapter starts from a clean slate. */
export interface Chapter {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Nothing after it makes sense when it fails. */
  readonly isEssential?: boolean;
}

/** Resolves when all that its name says is so; what it returns is shown behind its line. */
export type Step = readonly [name: string, action: () => Promise<string | void>];

export interface StoryEnd {
  readonly held: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Tells the chapters one after the other, a line for each step. `cleanSlate` runs after each chapter. */
export async function tellStory(chapters: readonly Chapter[], cleanSlate: () => Promise<void>, say: (line: string) => void = print): Promise<StoryEnd> {
  const end = { held: 0, failed: 0, skipped: 0 };
  let isOver = false;
  for (const { name, steps, isEssential } of chapters) {
    say(`\n${name}`);
    let isBroken: boolean = isOver;
    for (const step of steps) {
      const outcome: keyof StoryEnd = isBroken ? 'skipped' : await attempt(step, say);
      if (outcome === 'skipped') say(`  · ${step[0]}: not tried`);
      end[outcome] += 1;
      isBroken = outcome !== 'held';
    }
    isOver ||= isBroken && isEssential === true;
    if (isOver || (await attempt(['a clean slate', cleanSlate], say, true)) === 'held') continue;
    end.failed += 1;
    isOver = true;
  }
  return end;
}

async function attempt([name, action]: Step, say: (line: string) => void, isQuiet = false): Promise<'held' | 'failed'> {
  const begun = performance.now();
  const took = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  try {
    const note = await action();
    if (!isQuiet) say(`  ✓ ${name} (${took()})${note ? `: ${note}` : ''}`);
    return 'held';
  } catch (error) {
    say(`  ✗ ${name} (${took()})\n      ${(error instanceof Error ? error.message : String(error)).split('\n').join('\n      ')}`);
    return 'failed';
  }
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
