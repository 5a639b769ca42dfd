import type { CapacityController, PluginModule } from '@fogbow/plugin-contracts';

/** No limit but the room itself (spec §2.5, Satisfaction). */
export const satisfactionController: PluginModule<CapacityController> = {
  name: 'capacity-satisfaction',
  settings: {},
  create: () => ({ update: () => ({}), limitOf: () => Infinity }),
};
