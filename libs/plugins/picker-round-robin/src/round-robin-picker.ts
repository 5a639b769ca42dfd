import type { MemberPicker, PluginModule } from '@fogbow/plugin-contracts';
import { nextInTurn } from '@fogbow/request-model';

/**
 * Members in the order of their ids, one after the other and round again (spec §2.5). It goes on after `previous` even if that
 * member has left since, so a member that comes and goes does not send every order to the first of the list.
 */
export const roundRobinPicker: PluginModule<MemberPicker> = {
  name: 'picker-round-robin',
  settings: {},
  create: () => ({ usesFavours: false, pick: nextInTurn }),
};
