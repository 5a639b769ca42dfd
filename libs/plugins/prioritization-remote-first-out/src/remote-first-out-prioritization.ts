import type { AskingOrder, GivingWay, HoldingOrder, PluginModule, PrioritizationFacts, PrioritizationPolicy } from '@fogbow/plugin-contracts';
import { newestFirst } from '@fogbow/request-model';

/** The newest machine that another member has here gives way to an order of our own users (spec §2.5, PrioritizeRemote). */
export const remoteFirstOutPrioritization: PluginModule<PrioritizationPolicy> = {
  name: 'prioritization-remote-first-out',
  settings: {},
  create: () => ({ preempts: true, usesFavours: false, takeFrom: takeNewestRemote }),
};

/** Pure. */
export function takeNewestRemote(asking: AskingOrder, holders: readonly HoldingOrder[], { self }: PrioritizationFacts): GivingWay {
  if (asking.requester !== self) return { reason: 'nobody gives way to orders of other members' };
  const [newest] = holders.filter((holder) => holder.requester !== self).sort(newestFirst);
  if (!newest) return { reason: 'no other member has a machine here that would make room' };
  return { victim: newest.id, reason: `an order of ${self} itself goes before those of other members` };
}
