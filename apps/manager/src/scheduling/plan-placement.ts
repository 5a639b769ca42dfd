import { chooseFlavor, memberMaySatisfy, NOTHING, NOUN_OF_KIND, ONE_NETWORK, oneOf, oneVolume, parseRequirements, plus, shortages } from '@fogbow/request-model';
import type { Amount, Expression, FavoursOf, Flavor, MemberId, Quota, ResourceKind } from '@fogbow/request-model';
import type { ErrorCode, MemberPicker } from '@fogbow/plugin-contracts';
import type { ToldRoom } from '../members/member-room.js';
import type { Needs } from '../orders/load-needs.js';
import type { OrderRecord, Verdict } from '../orders/order-record.js';
import { bindOrder, NO_USES } from '../orders/bind-order.js';
import type { Binding, Uses } from '../orders/bind-order.js';
import type { KeptRoom } from '../sharing/kept-room.js';
import type { MakingRoom, Victim } from '../sharing/plan-room.js';
import { isForGood } from './decide-after-request.js';

/** What placement knows when it decides. Everything is in here: the plan is a function of order and facts. */
export interface PlacementFacts {
  readonly self: MemberId;
  readonly now: Date;
  /** The kinds that our cloud has. */
  readonly kinds: readonly ResourceKind[];
  readonly flavors: readonly Flavor[];
  /** The orders whose instances the planned ones need. */
  readonly needs: Needs;
  /** Our cloud's quota; undefined when it did not say, and then it is simply asked. */
  readonly room: Quota | undefined;
  /** What this round has already given away of the room. */
  readonly taken: Amount;
  /** Room that was made for single orders; the others may not have it. */
  readonly kept: readonly KeptRoom[];
  /** Who could give way; undefined where nobody does, and until it is asked for. */
  readonly making?: MakingRoom;
  /** Members alive besides us. Empty while the federation cannot be reached. */
  readonly members: readonly MemberId[];
  /** What those of them that tell it have free; half a minute old, and nobody's promise. */
  readonly toldRoom: ReadonlyMap<MemberId, ToldRoom>;
  /** Those of them that our admission lets nobody ask, and why. */
  readonly barred: ReadonlyMap<MemberId, string>;
  readonly picker: MemberPicker;
  /** What we and each member did for each other. */
  readonly favoursOf: FavoursOf;
  readonly previousPick: MemberId | undefined;
  /** How long an order waits that nobody can serve now. */
  readonly retryMs: number;
}

export type Placement =
  /** `flavor` is that of a machine; `takes`: of our room; `cloud`: the one of what it uses, where that is not our first. */
  | { readonly where: 'here'; readonly flavor?: Flavor; readonly takes: Amount; readonly uses: Uses; readonly cloud?: string }
  | { readonly where: 'member'; readonly member: MemberId; readonly uses: Uses }
  /** Here, once those who give way to it are gone. */
  | { readonly where: 'room'; readonly victims: readonly Victim[]; readonly takes: Amount; readonly reason: string; readonly inMs: number }
  /** `forOthers`: what it needs is on its way. */
  | { readonly where: 'wait'; readonly code: ErrorCode; readonly reason: string; readonly inMs: number; readonly forOthers?: true }
  /** Nobody can ever serve it as things are, or it is a served order that we cannot serve now. */
  | { readonly where: 'nowhere'; readonly code: ErrorCode; readonly reason: string }
  | { readonly where: 'expired' };

export interface PlacementPlan {
  readonly placement: Placement;
  /** One line per member that was considered, for the order's owner. */
  readonly explanation: readonly Verdict[];
  /** It is not placed here for want of this room, and for nothing else. */
  readonly lacksRoomFor?: Amount;
}

interface Judgement {
  readonly code: ErrorCode;
  readonly verdict: string;
  /** The order does not want it: nothing that it may do counts. */
  readonly isExcluded?: true;
  readonly lacksRoomFor?: Amount;
}

/**
 * Spec §2.2: our own cloud first, then one other member; an order of another member is served here or not at all. An order that needs
 * instances of others can only go where they are.
 */
export function planPlacement(order: OrderRecord, facts: PlacementFacts): PlacementPlan {
  if (order.validUntil && order.validUntil <= facts.now) return { placement: { where: 'expired' }, explanation: [] };
  if (order.validFrom && order.validFrom > facts.now) {
    const inMs = order.validFrom.getTime() - facts.now.getTime();
    return { placement: { where: 'wait', code: 'conflict', reason: 'its validity has not begun', inMs }, explanation: [] };
  }
  const binding = bindOrder(order, facts.needs);
  if (binding.kind === 'never') return { placement: { where: 'nowhere', code: binding.code, reason: binding.reason }, explanation: [] };
  if (binding.kind === 'wait') return { placement: { where: 'wait', code: 'conflict', reason: binding.reason, inMs: waitMs(order, facts), forOthers: true }, explanation: [] };
  const expression = expressionOf(order);
  const here = judgeSelf(order, expression, facts, binding);
  if ('takes' in here) return { placement: { where: 'here', ...here, uses: usesAt(binding), ...(binding.kind === 'at' && binding.cloud !== undefined ? { cloud: binding.cloud } : {}) }, explanation: [{ member: facts.self, verdict: binding.kind === 'at' ? `chosen: ${binding.because}` : 'chosen: there is room at home' }] };
  const plan = order.requester === facts.self ? placeAway(order, expression, facts, here, binding)
    : { placement: { where: 'nowhere', code: here.code, reason: here.verdict } as const, explanation: [{ member: facts.self, verdict: here.verdict }] };
  return here.lacksRoomFor ? { ...plan, lacksRoomFor: here.lacksRoomFor } : plan;
}

/** What neither waits nor is impossible. */
type Place = Extract<Binding, { kind: 'free' | 'at' }>;
const usesAt = (place: Place): Uses => (place.kind === 'at' ? place.uses : NO_USES);

function expressionOf(order: OrderRecord): Expression | undefined {
  const parsed = parseRequirements(order.spec.requirements ?? '');
  return 'expression' in parsed ? parsed.expression : undefined;
}

interface Fit {
  readonly flavor?: Flavor;
  readonly takes: Amount;
}

function judgeSelf(order: OrderRecord, expression: Expression | undefined, facts: PlacementFacts, place: Place): Fit | Judgement {
  if (place.kind === 'at' && place.member !== facts.self) return { code: 'no-valid-host', verdict: place.because };
  const fit = fitHere(order, expression, facts);
  if (!('takes' in fit)) return fit;
  const refused = standingRefusal(order, facts.self, facts.now);
  if (refused) return refused;
  const short = facts.room ? shortages(facts.room, plus(facts.taken, fit.takes)) : [];
  return short.length === 0 ? fit : { code: 'quota-exceeded', verdict: `no room: ${short.join(', ')} used up`, lacksRoomFor: fit.takes };
}

/** What the order would take of our cloud, or why our cloud is not for it. */
function fitHere({ kind, spec }: OrderRecord, expression: Expression | undefined, { self, kinds, flavors }: PlacementFacts): Fit | Judgement {
  // Its users wait for other members to come.
  if (kinds.length === 0) return { code: 'no-valid-host', verdict: 'this member has no cloud of its own' };
  if (!kinds.includes(kind)) return { code: 'cloud-rejected', verdict: `the cloud here has no ${NOUN_OF_KIND[kind]}s` };
  if (kind !== 'compute' && !memberMaySatisfy(expression, self)) return { code: 'no-valid-host', verdict: 'the requirements exclude it' };
  switch (kind) {
    case 'storage': return { takes: oneVolume(spec.sizeGb ?? 0) };
    case 'network': return { takes: ONE_NETWORK };
    case 'attachment': return { takes: NOTHING };
    case 'compute': {
      const flavor = chooseFlavor(flavors, self, expression, spec.flavor);
      return flavor ? { flavor, takes: oneOf(flavor) } : { code: 'no-valid-host', verdict: 'no flavor here satisfies the requirements' };
    }
  }
}

function standingRefusal(order: OrderRecord, member: MemberId, now: Date): Judgement | undefined {
  const refusal = order.refusals[member];
  if (!refusal || new Date(refusal.until) <= now) return undefined;
  return { code: refusal.code, verdict: `${isForGood(refusal.code) ? 'refused' : 'refused a moment ago'}: ${refusal.reason}` };
}

function judgeMember(order: OrderRecord, expression: Expression | undefined, member: MemberId, { barred, now }: PlacementFacts): Judgement | undefined {
  const barrier = barred.get(member);
  // Lists change: the order may wait for that.
  if (barrier !== undefined) return { code: 'forbidden', verdict: `it is not asked: ${barrier}` };
  if (!memberMaySatisfy(expression, member)) return { code: 'no-valid-host', verdict: 'the requirements exclude it', isExcluded: true };
  return standingRefusal(order, member, now);
}

function saysItIsFull({ kind, spec }: OrderRecord, expression: Expression | undefined, member: MemberId, { toldRoom, flavors }: PlacementFacts): boolean {
  const room = toldRoom.get(member);
  if (!room || kind !== 'compute') return false;
  // Its flavors are its own; ours tell about what is wanted.
  const flavor = chooseFlavor(flavors, member, expression, spec.flavor);
  const { instances, vcpu, ramMb } = flavor ? oneOf(flavor) : { instances: 1, vcpu: 0, ramMb: 0 };
  return room.instances < instances || room.vcpu < vcpu || room.ramMb < ramMb;
}

function placeAway(order: OrderRecord, expression: Expression | undefined, facts: PlacementFacts, home: Judgement, place: Place): PlacementPlan {
  const judged = facts.members.filter((member) => member !== facts.self && (place.kind === 'free' || place.member === member))
    .map((member) => ({ member, judgement: judgeMember(order, expression, member, facts) }));
  const candidates = judged.filter((one) => one.judgement === undefined).map((one) => one.member);
  const full = candidates.filter((member) => saysItIsFull(order, expression, member, facts));
  // Last, not never: they may make room, or have it again.
  const chosen = facts.picker.pick(full.length < candidates.length ? candidates.filter((member) => !full.includes(member)) : candidates, facts.previousPick, facts.favoursOf);
  const explanation: Verdict[] = [{ member: facts.self, verdict: home.verdict }, ...judged.map(({ member, judgement }) =>
    ({ member, verdict: judgement?.verdict ?? (member === chosen ? 'chosen among those that may serve it' : full.includes(member) ? 'may serve it, but says that it has no room' : 'may serve it') }))];
  if (chosen) return { placement: { where: 'member', member: chosen, uses: usesAt(place) }, explanation };
  return { placement: withoutPlace(home, judged, waitMs(order, facts), boundTo(place, facts.self)), explanation };
}

/** An order is looked at again when a refusal or its validity ends, else after the usual time. */
function waitMs(order: OrderRecord, { now, retryMs }: PlacementFacts): number {
  const ends = [...Object.values(order.refusals).map(({ until }) => new Date(until)), ...(order.validUntil ? [order.validUntil] : [])];
  return Math.min(retryMs, ...ends.map((end) => end.getTime() - now.getTime()).filter((ms) => ms > 0));
}

/** Where an order can only go. */
type Bound = { readonly to: 'any' } | { readonly to: 'self' | 'other'; readonly because: string };
const boundTo = (place: Place, self: MemberId): Bound => (place.kind === 'free' ? { to: 'any' } : { to: place.member === self ? 'self' : 'other', because: place.because });

/** Waiting is for what may change: room that frees up, a member that comes. A wish refused for good by all who could serve it fails. */
function withoutPlace(home: Judgement, judged: readonly { readonly judgement: Judgement | undefined }[], inMs: number, bound: Bound): Placement {
  const isBoundAway = bound.to === 'other';
  const others = isBoundAway ? judged.length === 0 ? 'that member is not alive now' : judged[0]?.judgement?.verdict ?? ''
    : bound.to === 'self' ? bound.because : judged.length === 0 ? 'no other member is alive' : 'no other member can serve it now';
  const reason = `${home.verdict}; ${others}`;
  const deciding = [...(isBoundAway ? [] : [home]), ...judged.map((one) => one.judgement).filter((judgement) => !judgement?.isExcluded)];
  const isHopeless = deciding.length > 0 && deciding.every((judgement) => judgement !== undefined && isForGood(judgement.code));
  const { code } = isBoundAway ? judged[0]?.judgement ?? home : home;
  return isHopeless ? { where: 'nowhere', code, reason } : { where: 'wait', code, reason, inMs };
}
