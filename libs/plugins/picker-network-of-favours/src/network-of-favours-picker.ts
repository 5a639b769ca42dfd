import type { MemberPicker, PluginModule } from '@fogbow/plugin-contracts';
import { nextInTurn } from '@fogbow/request-model';
import { mostIndebted } from './most-indebted.js';

/** The member that owes us most (spec §2.5, network of favours); of several such one after the other. */
export const networkOfFavoursPicker: PluginModule<MemberPicker> = {
  name: 'picker-network-of-favours',
  settings: {
    trustworthy: { type: 'boolean', default: false, meaning: 'Members keep their names. Without it, owing us counts no more than being new, since a debtor could come back under a new name.' },
  },
  create: (settings) => ({
    usesFavours: true,
    pick: (candidates, previous, favoursOf) => nextInTurn(mostIndebted(candidates, favoursOf, settings['trustworthy'] === true), previous),
  }),
};
