import { chooseFlavor, memberMaySatisfy, oneOf, parseRequirements, plus, shortages } from '@fogbow/request-model';
import type { Amount, Expression, FavoursOf, Flavor, MemberId, Quota } from '@fogbow/request-model';
import type { ErrorCode, MemberPicker } from '@fogbow/plugin-contracts';
import type { OrderRecord, Verdict } from '../orders/order-record.js';
import { isForGood } from './decide-after-request.js';

/** What placement knows when it decides. Everything is in here: the plan is a function of order and facts. */
export interface PlacementFacts {
  readonly self: MemberId;
  readonly now: Date;
  readonly flavors: readonly Flavor[];
  /** Our cloud's quota; undefined when it did not say, and then it is simply asked. */
  readonly room: Quota | undefined;
  /** What this round has already given away of the room. */
  readonly taken: Amount;
  /** Members alive besides us. Empty while the federation cannot be reached. */
  readonly members: readonly MemberId[];
  readonly picker: MemberPicker;
  /** What we and each member did for each other. */
  readonly favoursOf: FavoursOf;
  readonly previousPick: MemberId | undefined;
  /** How long an order waits that nobody can serve now. */
  readonly retryMs: number;
}

export type Placement =
  | { readonly where: 'here'; readonly flavor: Flavor }
  | { readonly where: 'member'; readonly member: MemberId }
  | { readonly where: 'wait'; readonly code: ErrorCode; readonly reason: string; readonly inMs: number }
  /** Nobody can ever serve it as things are, or it is a served order that we cannot serve now. */
  | { readonly where: 'nowhere'; readonly code: ErrorCode; readonly reason: string }
  | { readonly where: 'expired' };

export interface PlacementPlan {
  readonly placement: Placement;
  /** One line per member that was considered, for the order's owner. */
  readonly explanation: readonly Verdict[];
}

interface Judgement {
  readonly code: ErrorCode;
  readonly verdict: string;
}

/** Spec §2.2: our own cloud first, then one other member; an order of another member is served here or not at all. */
export function planPlacement(order: OrderRecord, facts: PlacementFacts): PlacementPlan {
  if (order.validUntil && order.validUntil <= facts.now) return { placement: { where: 'expired' }, explanation: [] };
  if (order.validFrom && order.validFrom > facts.now) {
    const inMs = order.validFrom.getTime() - facts.now.getTime();
    return { placement: { where: 'wait', code: 'conflict', reason: 'its validity has not begun', inMs }, explanation: [] };
  }
  const expression = expressionOf(order);
  const here = judgeSelf(order, expression, facts);
  if ('flavor' in here) return { placement: { where: 'here', flavor: here.flavor }, explanation: [{ member: facts.self, verdict: 'chosen: there is room at home' }] };
  const home = { member: facts.self, verdict: here.verdict };
  if (order.requester !== facts.self) return { placement: { where: 'nowhere', code: here.code, reason: here.verdict }, explanation: [home] };
  return placeAway(order, expression, facts, here);
}

function expressionOf(order: OrderRecord): Expression | undefined {
  const parsed = parseRequirements(order.spec.requirements ?? '');
  return 'expression' in parsed ? parsed.expression : undefined;
}

function judgeSelf(order: OrderRecord, expression: Expression | undefined, facts: PlacementFacts): { flavor: Flavor } | Judgement {
  const flavor = chooseFlavor(facts.flavors, facts.self, expression, order.spec.flavor);
  if (!flavor) return { code: 'no-valid-host', verdict: 'no flavor here satisfies the requirements' };
  const refused = standingRefusal(order, facts.self, facts.now);
  if (refused) return refused;
  const short = facts.room ? shortages(facts.room, plus(facts.taken, oneOf(flavor))) : [];
  return short.length === 0 ? { flavor } : { code: 'quota-exceeded', verdict: `no room: ${short.join(', ')} used up` };
}

function standingRefusal(order: OrderRecord, member: MemberId, now: Date): Judgement | undefined {
  const refusal = order.refusals[member];
  if (!refusal || new Date(refusal.until) <= now) return undefined;
  return { code: refusal.code, verdict: `${isForGood(refusal.code) ? 'refused' : 'refused a moment ago'}: ${refusal.reason}` };
}

function judgeMember(order: OrderRecord, expression: Expression | undefined, member: MemberId, now: Date): Judgement | undefined {
  if (!memberMaySatisfy(expression, member)) return { code: 'no-valid-host', verdict: 'the requirements exclude it' };
  return standingRefusal(order, member, now);
}

function placeAway(order: OrderRecord, expression: Expression | undefined, facts: PlacementFacts, home: Judgement): PlacementPlan {
  const judged = facts.members.filter((member) => member !== facts.self)
    .map((member) => ({ member, judgement: judgeMember(order, expression, member, facts.now) }));
  const candidates = judged.filter((one) => one.judgement === undefined).map((one) => one.member);
  const chosen = facts.picker.pick(candidates, facts.previousPick, facts.favoursOf);
  const explanation: Verdict[] = [{ member: facts.self, verdict: home.verdict }, ...judged.map(({ member, judgement }) =>
    ({ member, verdict: judgement?.verdict ?? (member === chosen ? 'chosen among those that may serve it' : 'may serve it') }))];
  if (chosen) return { placement: { where: 'member', member: chosen }, explanation };
  return { placement: withoutPlace(home, judged, waitMs(order, facts)), explanation };
}

/** An order is looked at again when a refusal or its validity ends, else after the usual time. */
function waitMs(order: OrderRecord, { now, retryMs }: PlacementFacts): number {
  const ends = [...Object.values(order.refusals).map(({ until }) => new Date(until)), ...(order.validUntil ? [order.validUntil] : [])];
  return Math.min(retryMs, ...ends.map((end) => end.getTime() - now.getTime()).filter((ms) => ms > 0));
}

/** Waiting is for what may change: room that frees up, a member that comes. A wish refused for good by all who are here fails. */
function withoutPlace(home: Judgement, judged: readonly { readonly judgement: Judgement | undefined }[], inMs: number): Placement {
  const reason = `${home.verdict}; ${judged.length === 0 ? 'no other member is alive' : 'no other member can serve it now'}`;
  const hopeless = [home, ...judged.map((one) => one.judgement)].every((judgement) => judgement !== undefined && isForGood(judgement.code));
  return hopeless ? { where: 'nowhere', code: home.code, reason } : { where: 'wait', code: home.code, reason, inMs };
}
