import type { PluginModule, PrioritizationPolicy } from '@fogbow/plugin-contracts';
import { takeFromLeastCredit } from './take-from-least-credit.js';

/** Whom we owe least gives way to whom we owe more (spec §2.5, network of favours). */
export const networkOfFavoursPrioritization: PluginModule<PrioritizationPolicy> = {
  name: 'prioritization-network-of-favours',
  settings: {
    trustworthy: { type: 'boolean', default: false, meaning: 'Members keep their names. Without it, owing us counts no more than being new, since a debtor could come back under a new name.' },
    prioritizeLocal: { type: 'boolean', default: true, meaning: 'Our own users go before all other members; without it they come after strangers.' },
  },
  create: (settings) => {
    const rules = { trustworthy: settings['trustworthy'] === true, prioritizeLocal: settings['prioritizeLocal'] === true };
    return { preempts: true, usesFavours: true, takeFrom: (asking, holders, facts) => takeFromLeastCredit(asking, holders, facts, rules) };
  },
};
