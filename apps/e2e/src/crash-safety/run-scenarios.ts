/** Resolves with its recovery time in words when every invariant holds. */
export interface Scenario {
  readonly name: string;
  run(): Promise<string>;
}

export interface Tally {
  held: number;
  readonly failed: string[];
}

/** Runs them one after the other, a line for each. After a failure `tidy` makes the next one possible, or the rest is given up. */
export async function runScenarios(scenarios: readonly Scenario[], tally: Tally, tidy: () => Promise<void>, say: (line: string) => void): Promise<void> {
  for (const [index, scenario] of scenarios.entries()) {
    const begun = performance.now();
    try {
      const recovery = await scenario.run();
      tally.held += 1;
      say(`  ✓ ${scenario.name}: recovered in ${recovery} (${took(begun)})`);
    } catch (error) {
      tally.failed.push(scenario.name);
      say(`  ✗ ${scenario.name} (${took(begun)})\n      ${error instanceof Error ? error.message : String(error)}`);
      if (index + 1 < scenarios.length && !(await isTidy(tidy, say))) {
        tally.failed.push(...scenarios.slice(index + 1).map(({ name }) => `${name} (not tried)`));
        return;
      }
    }
  }
}

async function isTidy(tidy: () => Promise<void>, say: (line: string) => void): Promise<boolean> {
  return await tidy().then(() => true, (error: unknown) => {
    say(`  ✗ no clean slate after it: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  });
}

const took = (begun: number): string => `${((performance.now() - begun) / 1000).toFixed(1)} s in all`;
