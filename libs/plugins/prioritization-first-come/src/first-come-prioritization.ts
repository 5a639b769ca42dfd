import type { PluginModule, PrioritizationPolicy } from '@fogbow/plugin-contracts';

/** Whoever has a machine keeps it (spec §2.5, first come first served). */
export const firstComePrioritization: PluginModule<PrioritizationPolicy> = {
  name: 'prioritization-first-come',
  settings: {},
  create: () => ({ preempts: false, usesFavours: false, takeFrom: () => ({ reason: 'who came first keeps the machine' }) }),
};
