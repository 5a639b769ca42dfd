import type { GivenService, GrantedService } from '@fogbow/queues';

/**
 * What the Manager asks for, with what the machine added by itself: of these the tunnel knows best while it has the
 * grant, since its word may still be on the way to the Manager. A tunnel that lost the grant takes the Manager's word.
 */
export function mergeServices(asked: readonly GrantedService[], had: readonly GivenService[] | undefined): readonly GrantedService[] {
  if (!had) return asked;
  const own = asked.filter((service) => !service.byMachine);
  const names = new Set(own.map((service) => service.name));
  return [...own, ...had.filter((service) => service.byMachine && !names.has(service.name))];
}

/** Does the Manager's list of what the machine added differ from ours? */
export const isNewsToManager = (asked: readonly GrantedService[], services: readonly GivenService[]): boolean => added(asked) !== added(services);

const added = (services: readonly GrantedService[]): string =>
  JSON.stringify(services.flatMap(({ name, port, kind, byMachine }) => (byMachine ? [[name, port, kind ?? 'tcp']] : [])).sort());
