import { FogbowError, asFogbowError } from '@fogbow/plugin-contracts';
import type { HostMachines } from './host-machines.js';
import type { HostRunner } from './host-runner.js';
import type { HostShell } from './host-shell.js';
import type { HostSpec } from './hosts-settings.js';
import type { MachineMonitor } from './machine-monitor.js';

/** One host with all that is done on it. */
export interface Host {
  readonly spec: HostSpec;
  readonly runner: HostRunner;
  readonly shell: HostShell;
  readonly monitor: MachineMonitor;
  readonly machines: HostMachines;
  /** Throws cloud-unavailable with a sentence for operators until the host answers, has the programs and its folder is ours. */
  requireFit(signal: AbortSignal): Promise<void>;
}

/** What one host said, or why it said nothing. */
export type Answer<Value> = { readonly host: Host; readonly value: Value } | { readonly host: Host; readonly fault: FogbowError };

/** Asks every host at once; one that does not answer does not keep the others from it. */
export async function askAll<Value>(hosts: readonly Host[], ask: (host: Host) => Promise<Value>): Promise<Answer<Value>[]> {
  return await Promise.all(hosts.map(async (host) => {
    try {
      return { host, value: await ask(host) };
    } catch (error) {
      return { host, fault: asFogbowError(error) };
    }
  }));
}

/** What those hosts said that answered. Throws where none did. */
export function heard<Value>(answers: readonly Answer<Value>[]): { readonly host: Host; readonly value: Value }[] {
  const said = answers.flatMap((answer) => ('value' in answer ? [answer] : []));
  if (said.length > 0) return said;
  throw new FogbowError('cloud-unavailable', faultsIn(answers).join(' ') || 'There is no host.');
}

export const faultsIn = (answers: readonly Answer<unknown>[]): string[] => answers.flatMap((answer) => ('fault' in answer ? [answer.fault.message] : []));
