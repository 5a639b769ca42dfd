import type { PluginLog } from '@fogbow/plugin-contracts';

export interface EachCloudOptions<Cloud> {
  readonly clouds: readonly Cloud[];
  readonly log: PluginLog;
  /** For the log: `its images`. */
  readonly what: string;
}

/** What all clouds tell together. One that does not answer is left out and told in the log; when none answers, its fault is thrown. */
export function askEachCloud<Cloud extends { readonly name: string }, Item, More extends readonly unknown[]>(
  { clouds, log, what }: EachCloudOptions<Cloud>, ask: (cloud: Cloud, signal: AbortSignal, ...more: More) => Promise<readonly Item[]>,
): (signal: AbortSignal, ...more: More) => Promise<readonly Item[]> {
  return async (signal, ...more) => {
    const answers = await Promise.allSettled(clouds.map((cloud) => ask(cloud, signal, ...more)));
    const faults = answers.flatMap((answer, index) => (answer.status === 'rejected' ? [{ cloud: clouds[index]?.name, error: answer.reason as unknown }] : []));
    if (faults.length > 0 && faults.length === clouds.length) throw faults[0]?.error;
    for (const fault of faults) log.warn(`a cloud does not tell ${what}`, fault);
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  };
}
