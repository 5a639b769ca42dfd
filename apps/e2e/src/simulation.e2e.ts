/**
 * Federations of Managers in virtual time: crashes, losses, delays, doubles and reorderings by a seed, and after every event a look whether all is as it
 * must be (docs/simulation.md). Exit status 0 only when no run went wrong. Options: --runs N (default 200), --seed N (of the first run; default: random,
 * shown), --members N (else as the seed says, with a few large ones), --workers N (processes beside each other; default 1), --trace (with one run: what
 * happened).
 */
import { parseArgs } from 'node:util';
import { buildSimulation } from './simulation/run-seeds.js';
import type { SeedResult, Seeds, SimulationProgram } from './simulation/run-seeds.js';
import { runStory } from './run-story.js';
import { tellStory } from './story.js';
import type { Chapter } from './story.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '200' }, seed: { type: 'string' }, members: { type: 'string' }, workers: { type: 'string', default: '1' }, trace: { type: 'boolean', default: false } },
});
const runs = Number(values.runs);
const first = values.seed === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(values.seed);
const workers = Math.max(1, Number(values.workers));
const members = values.members === undefined ? undefined : Number(values.members);
/** Of each process: few enough that all end at about the same time. */
const SHARE = 25;
const MOST_TOLD = 5;
/** In thousands of runs. */
const TOLD_EVERY = 500;

/** Plays the seeds, several processes beside each other, and tells what was seen; throws for violations, with what replays them. */
async function play(program: SimulationProgram, { first: from, runs: count, members: size }: Seeds): Promise<string> {
  const results: SeedResult[] = [];
  const shares = Array.from({ length: Math.ceil(count / SHARE) }, (_, index) => ({ first: from + index * SHARE, runs: Math.min(SHARE, count - index * SHARE), members: size }));
  const worker = async (): Promise<void> => {
    for (let share = shares.shift(); share; share = shares.shift()) {
      await program.run(share, (result) => {
        results.push(result);
        if (result.violation !== undefined) say(`      ${wentWrong(result, size)}`);
        if (results.length % TOLD_EVERY === 0 && results.length < count) say(`      ${results.length} of ${count} runs`);
      });
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  const wrong = results.filter(({ violation }) => violation !== undefined);
  if (results.length !== count) throw new Error(`Only ${results.length} of ${count} runs ended.`);
  if (wrong.length > 0) throw new Error([`${wrong.length} of ${count} runs went wrong:`, ...wrong.slice(0, MOST_TOLD).map((result) => wentWrong(result, size))].join('\n'));
  return summary(results);
}

const wentWrong = ({ seed, violation }: SeedResult, size: number | undefined): string =>
  `seed ${seed}: ${(violation ?? '').slice(0, 600)}\n  npm run e2e -- simulation --runs 1 --seed ${seed}${size === undefined ? '' : ` --members ${size}`} --trace`;

function summary(results: readonly SeedResult[]): string {
  const total = (of: (result: SeedResult) => number): number => results.reduce((sum, result) => sum + of(result), 0);
  const orders = total((result) => Object.values(result.orders).reduce((sum, count) => sum + count, 0));
  const longest = (of: (result: SeedResult) => number): number => Math.round(Math.max(...results.map(of)) / 1000);
  return `${total(({ steps }) => steps)} events, ${orders} orders, ${Math.round(total(({ virtualMs }) => virtualMs) / 3_600_000)} h of virtual time; `
    + `settled at most ${longest(({ settledMs }) => settledMs)} s after a storm, nothing was wrong for more than ${longest(({ longestWrongMs }) => longestWrongMs)} s`;
}

async function sameTwice(program: SimulationProgram): Promise<string> {
  const seen: string[] = [];
  for (let time = 0; time < 2; time += 1) await program.run({ first, runs: 1, members }, ({ fingerprint, steps }) => void seen.push(`${fingerprint} after ${steps} events`));
  if (seen.length !== 2 || seen[0] !== seen[1]) throw new Error(`Seed ${first} gave two schedules: ${seen.join(', ')}.`);
  return seen[0] ?? '';
}

function chapters(program: SimulationProgram): Chapter[] {
  const storms = (count: number, size: number | undefined): Chapter['steps'][number] =>
    [`${count} federation${count === 1 ? '' : 's'} of ${size ?? '2 to 30'} Managers`, () => play(program, { first, runs: count, members: size })];
  const large = members === undefined && runs >= 100 ? [storms(2, 50), storms(1, 200)] : [];
  return [
    { name: `Seeds from ${first}`, steps: [['the same seed gives the same schedule', () => sameTwice(program)]] },
    { name: 'Storms, and the calm after them', steps: [storms(runs, members), ...large] },
  ];
}

async function showTrace(program: SimulationProgram): Promise<boolean> {
  let holds = false;
  await program.run({ first, runs: 1, members, isTraced: true }, ({ trace = [], ...result }) => {
    trace.forEach(say);
    say(JSON.stringify(result));
    holds = result.violation === undefined;
  });
  return holds;
}

runStory({
  async open(endings) {
    const program = await buildSimulation();
    endings.push(() => program.remove());
    return program;
  },
  // As long as it takes: a night of seeds is one step.
  tell: async (program) => (values.trace ? await showTrace(program) : await tellStory(chapters(program), () => Promise.resolve(), { stepMs: Infinity })),
});
