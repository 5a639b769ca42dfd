/**
 * Kills at every named step of an order's way, and everything around it, and looks each time whether orders, what they are for, removals and grants
 * of both members fit together afterwards. Exit status 0 only when all holds. Options: --only TEXT (a regular expression over the names of
 * the scenarios), --port-base N (default 30400; 900 ports are used).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OUTER_FAULTS, outerScenario } from './crash-safety/outer-faults.js';
import { sweep } from './crash-safety/order-and-delete.js';
import { KIND_LIVES, kindScenario } from './crash-safety/kind-scenarios.js';
import { MEASURING_STEPS, REAL_MACHINE_STEPS, realMachineScenarios } from './crash-safety/real-machine-scenarios.js';
import { runScenarios } from './crash-safety/run-scenarios.js';
import type { Scenario, Tally } from './crash-safety/run-scenarios.js';
import { createWorldFederation, startWorld } from './crash-safety/start-world.js';
import type { CloudName, World } from './crash-safety/start-world.js';
import { STEP_CASES, stepScenario } from './crash-safety/step-scenarios.js';
import { runStory } from './run-story.js';
import type { Endings } from './run-story.js';
import { cloneRoot } from './start-federation.js';

/** Of one federation of two. */
const PORTS = 300;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

interface Plan {
  readonly cloud: CloudName;
  /** Of the Managers, as `FOGBOW_…`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly scenarios: (world: World) => readonly Scenario[];
}

const steps: Plan = { cloud: 'cloud-fake', scenarios: (world) => STEP_CASES.map((one) => stepScenario(world, one)) };
const kinds: Plan = { cloud: 'cloud-fake', scenarios: (world) => KIND_LIVES.map((life) => kindScenario(world, life)) };
const faults: Plan = { cloud: 'cloud-fake', scenarios: (world) => OUTER_FAULTS.map((fault) => outerScenario(world, fault)) };
const realMachines: Plan = { cloud: 'cloud-local', scenarios: (world) => [...REAL_MACHINE_STEPS.map((one) => stepScenario(world, one)), ...realMachineScenarios(world)] };

const measuring: Plan = { cloud: 'cloud-local', settings: { FOGBOW_BENCHMARKING_PLUGIN: 'benchmarking-ssh', FOGBOW_PERIODS_MEASURE: '500ms' }, scenarios: (world) => MEASURING_STEPS.map((one) => stepScenario(world, one)) };

/** A step that somebody adds to the code must be tried here too. */
function untriedSteps(): string[] {
  const source = readFileSync(join(cloneRoot(), 'apps', 'manager', 'src', 'crash-steps.ts'), 'utf8');
  const named = [...source.matchAll(/^\s+'([a-z-]+)',/gm)].map((match) => match[1] as string);
  return named.filter((step) => ![...STEP_CASES, ...REAL_MACHINE_STEPS, ...MEASURING_STEPS].some((one) => one.step === step));
}

interface Run {
  readonly only: RegExp;
  readonly tally: Tally;
  readonly endings: Endings;
}

/** One federation after the other on the same ports. */
async function playInTurn(plans: readonly Plan[], portBase: number, run: Run): Promise<void> {
  for (const plan of plans) {
    await play(plan, portBase, run).catch((error: unknown) => void run.tally.failed.push(`${plan.cloud}: ${error instanceof Error ? error.stack : String(error)}`));
  }
}

async function play({ cloud, settings, scenarios }: Plan, portBase: number, { only, tally, endings }: Run): Promise<void> {
  const federation = createWorldFederation(cloud, portBase);
  endings.push(() => federation.dispose());
  try {
    const world = await startWorld(federation, cloud, settings);
    await runScenarios(scenarios(world).filter(({ name }) => only.test(name)), tally, () => sweep(world), say);
  } finally {
    await federation.dispose();
  }
}

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, 'port-base': { type: 'string', default: '30400' } } });
runStory({
  open: (endings) => Promise.resolve({ only: new RegExp(values.only), tally: { held: 0, failed: untriedSteps().map((step) => `${step} (a step that nothing tries)`) }, endings }),
  async tell(run: Run) {
    const begun = performance.now();
    // Side by side: all spend most of their time waiting.
    await Promise.all([[steps], [realMachines, faults], [kinds, measuring]].map((plans, lane) => playInTurn(plans, Number(values['port-base']) + lane * PORTS, run)));
    const { held, failed } = run.tally;
    say(`\n${held} scenarios held, ${failed.length} failed, in ${Math.round((performance.now() - begun) / 1000)} s${failed.map((name) => `\n  ✗ ${name}`).join('')}`);
    return failed.length === 0 && held > 0;
  },
});
