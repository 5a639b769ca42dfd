import { NO_FAVOURS, NOTHING } from '@fogbow/request-model';
import type { Flavor, MemberId, Quota, ResourceKind } from '@fogbow/request-model';
import type { MemberPicker } from '@fogbow/plugin-contracts';
import type { Clock } from '@fogbow/service-runtime';
import type { MemberStore } from '../members/member-store.js';
import { loadNeeds } from '../orders/load-needs.js';
import type { OrderRecord } from '../orders/order-record.js';
import type { OrderStore } from '../orders/order-store.js';
import type { SharingSource } from '../sharing/sharing-source.js';
import type { PlacementFacts } from './plan-placement.js';

export interface FactsOptions {
  readonly self: MemberId;
  readonly members: Omit<MemberStore, 'remember'>;
  readonly store: Pick<OrderStore, 'getMany'>;
  /** The kinds that our cloud has. */
  readonly kinds: readonly ResourceKind[];
  readonly flavors: readonly Flavor[];
  readonly picker: MemberPicker;
  readonly sharing: SharingSource;
  readonly clock: Clock;
  readonly retryMs: number;
  /** A member that the Rendezvous has not named for so long is not asked. */
  readonly memberLifeMs: number;
  room(signal: AbortSignal): Promise<Quota | undefined>;
  /** Is there a way to the other members right now? */
  federationUp(): boolean;
}

export interface FactsSource {
  /** What is known at home; most orders need no more. */
  home(signal: AbortSignal): Promise<PlacementFacts>;
  /** The same with the other members. */
  withMembers(facts: PlacementFacts): Promise<PlacementFacts>;
  /** The same with what these orders need of others. */
  withNeeds(facts: PlacementFacts, orders: readonly OrderRecord[]): Promise<PlacementFacts>;
  /** The same with who could give way; the very same where nobody does. */
  withRoom(facts: PlacementFacts): Promise<PlacementFacts>;
  rememberPick(member: MemberId): Promise<void>;
}

/** The facts of one round of placement. */
export function createFactsSource(options: FactsOptions): FactsSource {
  const { sharing } = options;
  return {
    async home(signal) {
      const { self, kinds, flavors, picker, retryMs } = options;
      const [room, kept] = await Promise.all([options.room(signal), sharing.kept()]);
      return {
        self, kinds, flavors, picker, retryMs, room, kept, now: options.clock.now(), taken: NOTHING,
        needs: new Map(), members: [], toldRoom: new Map(), barred: new Map(), favoursOf: () => NO_FAVOURS, previousPick: undefined,
      };
    },
    async withMembers(facts) {
      const [alive, previousPick] = await Promise.all([options.federationUp() ? options.members.aliveBesides(options.self, options.memberLifeMs) : [], options.members.previousPick()]);
      const members = alive.map(({ id }) => id);
      const toldRoom = new Map(alive.flatMap(({ id, room }) => (room ? [[id, room] as const] : [])));
      const [barred, favoursOf] = await Promise.all([sharing.barred(members), facts.picker.usesFavours ? sharing.favoursOf() : facts.favoursOf]);
      return { ...facts, members, toldRoom, previousPick, barred, favoursOf };
    },
    async withRoom(facts) {
      const found = await sharing.making();
      return found ? { ...facts, ...found } : facts;
    },
    withNeeds: async (facts, orders) => ({ ...facts, needs: await loadNeeds(options.store, orders) }),
    rememberPick: (member) => options.members.rememberPick(member),
  };
}
