import { NOTHING, oneOf, plus } from '@fogbow/request-model';
import type { Quota } from '@fogbow/request-model';
import { askAll, heard } from './fleet.js';
import type { Host } from './fleet.js';

/** What the hosts that answer give together, and what is used of it. Throws cloud-unavailable where none answers. */
export async function quotaOf(hosts: readonly Host[], signal: AbortSignal): Promise<Quota> {
  const answers = heard(await askAll(hosts, (host) => host.machines.look(signal)));
  const limits = answers.map(({ host: { spec: { capacity: { machines, vcpu, ramMb } } } }) => ({ instances: machines, vcpu, ramMb }));
  return { limit: limits.reduce(plus, NOTHING), used: answers.flatMap(({ value }) => value.map(({ record }) => oneOf(record.size))).reduce(plus, NOTHING) };
}
