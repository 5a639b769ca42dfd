import { NOTHING, oneOf, oneVolume, plus } from '@fogbow/request-model';
import type { Amount, Quota } from '@fogbow/request-model';
import { askAll, heard } from './fleet.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';

/** What the hosts that answer give together, and what is used of it. Throws cloud-unavailable where none answers. */
export async function quotaOf(options: Pick<HostsOptions, 'books' | 'volumeLimit'>, hosts: readonly Host[], signal: AbortSignal): Promise<Quota> {
  const answers = heard(await askAll(hosts, (host) => host.machines.look(signal)));
  const limits = answers.map(({ host: { spec: { capacity: { machines, vcpu, ramMb } } } }) => ({ instances: machines, vcpu, ramMb }));
  return {
    limit: limits.reduce(plus, { ...NOTHING, ...options.volumeLimit }),
    used: answers.flatMap(({ value }) => value.map(({ record }) => oneOf(record.size))).reduce(plus, usedVolumes(options)),
  };
}

export function usedVolumes({ books }: Pick<HostsOptions, 'books'>): Amount {
  return books.volumes.all().map(({ sizeGb }) => oneVolume(sizeGb)).reduce(plus, { ...NOTHING, volumes: 0, volumeGb: 0 });
}
