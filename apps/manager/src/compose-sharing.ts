import { createTwoFoldPrioritization } from '@fogbow/prioritization-two-fold';
import { systemClock } from '@fogbow/service-runtime';
import { createSizeOf } from './accounting/machine-size.js';
import { createReadFavours, withoutHaste } from './accounting/read-favours.js';
import type { Ground, Orders } from './compose-parts.js';
import type { Power } from './compose-power.js';
import { createPlugin } from './plugins.js';
import type { Family } from './plugins.js';
import { readFlavors } from './read-flavors.js';
import { createAdmitOrder, createCheckAdmitted } from './sharing/admit-order.js';
import { createCapacityStore, createLimitOf, createMeasureServed } from './sharing/capacity.js';
import { createKeptRoomStore } from './sharing/kept-room.js';
import { createMakeRoom } from './sharing/make-room.js';
import { createReadHolders } from './sharing/read-holders.js';
import { createSharingSource } from './sharing/sharing-source.js';
import { createUpdateCapacity } from './sharing/update-capacity.js';
import type { UpdateCapacityOptions } from './sharing/update-capacity.js';

export type Sharing = ReturnType<typeof composeSharing>;

/** The policies of sharing and what they stand on. */
export function composeSharing({ values, self, log, database }: Ground, { store, moveOrders }: Orders, { powerOf }: Power) {
  const clock = systemClock;
  const plugin = <F extends Family>(family: F) => createPlugin(family, values.raw, { memberId: self, log, now: clock.now });
  const sizeOf = createSizeOf(readFlavors(values.flavors).flavors);
  const favours = createReadFavours({ self, database, powerOf });
  const kept = createKeptRoomStore(database);
  const admission = plugin('admission');
  const policy = createTwoFoldPrioritization({ local: plugin('prioritization.local'), remote: plugin('prioritization.remote') });
  const controller = plugin('capacity');
  const unit = values.sharing.unit;
  const capacity = createCapacityStore(database, values.sharing.plugin, unit);
  return {
    source: createSharingSource({ policy, maxVictims: values.sharing.maxVictims, admission, favours: withoutHaste(favours, clock), kept, machines: createReadHolders({ self, database, sizeOf }) }),
    makeRoom: createMakeRoom({ store, moveOrders, kept, keepForMs: values.sharing.keepRoomForMs, clock, log }),
    checkAdmitted: createCheckAdmitted(admission),
    admit: createAdmitOrder({ self, sizeOf, unit, limitOf: createLimitOf(controller, capacity), measure: createMeasureServed({ self, database, sizeOf, unit }) }),
    updateCapacity: (room: UpdateCapacityOptions['room']) =>
      createUpdateCapacity({ self, database, controller, store: capacity, favours, unit, periodMs: values.periods.capacity, clock, log, room }),
  };
}
