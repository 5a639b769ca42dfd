/**
 * Program of the story `simulation`: runs one seed after the other and writes a line of JSON for each. Options: --seed N (the first), --runs N,
 * --members N (else as the seed says), --trace (what happened to the orders of a violation).
 */
import { parseArgs } from 'node:util';
import { simulate } from './simulate.js';
import type { SimulationResult } from './simulate.js';
import { planOf } from './simulation-plan.js';

/** What happened to whole members, in a trace. */
const OF_MEMBERS = /^[\d.]+ [a-zA-Z]+ at \S+$/;

async function runSeed(seed: number, members: number | undefined, isTraced: boolean): Promise<object> {
  const plan = planOf(seed, members);
  const lines: string[] = [];
  const { violation, ...result }: SimulationResult = await simulate(plan, isTraced ? { trace: (line) => void lines.push(line) } : {});
  const concerned = (line: string): boolean => OF_MEMBERS.test(line) || violation === undefined || violation.orders.some((id) => line.includes(id));
  return { seed, members: plan.members, ...result, ...(violation ? { violation: violation.message } : {}), ...(isTraced ? { trace: lines.filter(concerned) } : {}) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '1' }, members: { type: 'string' }, trace: { type: 'boolean', default: false } },
  });
  // Errors are part of the play, and nobody looks at where they were made.
  Error.stackTraceLimit = 0;
  const first = Number(values.seed);
  for (let seed = first; seed < first + Number(values.runs); seed += 1) {
    const line = JSON.stringify(await runSeed(seed, values.members === undefined ? undefined : Number(values.members), values.trace));
    await new Promise<void>((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
