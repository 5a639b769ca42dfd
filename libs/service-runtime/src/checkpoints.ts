/**
 * Named steps of the flow at which a crash can be staged: `reach` kills the process when it was started with
 * `FOGBOW_CRASH_AT=<step>`. In production the variable is absent and a step costs one comparison.
 */
export interface Checkpoints<Step extends string> {
  reach(step: Step): void;
}

export function createCheckpoints<Step extends string>(crashAt: string | undefined, crash: () => void = killSelf): Checkpoints<Step> {
  return { reach: (step) => { if (step === crashAt) crash(); } };
}

function killSelf(): void {
  process.kill(process.pid, 'SIGKILL');
  // The signal is delivered asynchronously; nothing may run in between.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000);
}
