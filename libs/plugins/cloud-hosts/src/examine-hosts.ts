import { FogbowError } from '@fogbow/plugin-contracts';
import { askAll, faultsIn } from './fleet.js';
import type { Host } from './fleet.js';
import { EXAMINE } from './host-scripts.js';
import type { HostsOptions } from './hosts-options.js';
import type { HostSpec } from './hosts-settings.js';

/** Whether every host answers, has the programs and is not another cloud's, without a change of any. Throws cloud-unavailable with all that is wrong. */
export async function examineHosts(options: Pick<HostsOptions, 'claims' | 'directory'>, hosts: readonly Host[], signal: AbortSignal): Promise<string> {
  const ours = options.claims.knownId();
  const answers = await askAll(hosts, async ({ shell, spec }) => {
    const [owner = '', lack = ''] = (await shell.outcome(EXAMINE, [], signal)).split('\t');
    // Before our first start, and where our folder cannot be seen, nobody can say whose an owner is.
    requireFitHost(spec, options, { lack, isOurs: owner === '' || ours === undefined || owner === ours });
  });
  const faults = faultsIn(answers);
  if (faults.length > 0) throw new FogbowError('cloud-unavailable', faults.join(' '));
  return hosts.length === 1 ? 'its host answers and has all programs' : `its ${hosts.length} hosts answer and have all programs`;
}

interface Seen { readonly lack: string; readonly isOurs: boolean }

/** Throws cloud-unavailable with a sentence for operators. */
export function requireFitHost({ name, directory }: HostSpec, ours: Pick<HostsOptions, 'directory'>, { lack, isOurs }: Seen): void {
  if (lack.trim() !== '') throw new FogbowError('cloud-unavailable', `The host ${name} lacks programs: ${lack.trim()}.`);
  if (isOurs) return;
  throw new FogbowError('cloud-unavailable', `The folder ${directory} of the host ${name} belongs to another cloud, or the folder ${ours.directory} of this one was lost. If nobody else uses it, remove the file owner in it.`);
}
