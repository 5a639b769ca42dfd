import type { Flavor } from '@fogbow/request-model';

/** Flavors of the configuration, or what is wrong with them. */
export function readFlavors(raw: Readonly<Record<string, unknown>>): { readonly flavors: readonly Flavor[]; readonly faults: readonly string[] } {
  const faults: string[] = [];
  const flavors = Object.entries(raw).map(([name, value]): Flavor => {
    const size = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
    const amount = (key: 'vcpu' | 'ramMb' | 'diskGb', fallback?: number): number => {
      const given = size[key] ?? fallback;
      if (typeof given === 'number' && (given > 0 || given === -1)) return given;
      faults.push(`flavors.${name}.${key} must be a number above 0.`);
      return 1;
    };
    for (const key of Object.keys(size)) if (!['vcpu', 'ramMb', 'diskGb'].includes(key)) faults.push(`flavors.${name}.${key} is not a property of a flavor.`);
    return { name, vcpu: amount('vcpu'), ramMb: amount('ramMb'), diskGb: amount('diskGb', -1) };
  });
  if (flavors.length === 0) faults.push('flavors is empty: name at least one, such as { small: { vcpu: 1, ramMb: 1024, diskGb: 10 } }.');
  return { flavors, faults };
}
