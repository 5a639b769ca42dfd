import { writeSync } from 'node:fs';

/**
 * Named steps of the flow at which a crash can be staged: `reach` kills the process when it was started with
 * `FOGBOW_CRASH_AT=<step>`. In production the variable is absent and a step costs one comparison.
 */
export interface Checkpoints<Step extends string> {
  reach(step: Step): void;
}

export function createCheckpoints<Step extends string>(crashAt: string | undefined, crash: (step: string) => void = killSelf): Checkpoints<Step> {
  return { reach: (step) => { if (step === crashAt) crash(step); } };
}

function killSelf(step: string): void {
  // The logger may still hold lines; this one tells the test that the death was the staged one.
  writeSync(2, `crash staged at ${step}\n`);
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered asynchronously; nothing may run in between.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
}
