import { compareFlavors } from '../flavor.js';
import type { Flavor } from '../flavor.js';
import type { MemberId } from '../member.js';
import { CLOUD_ATTRIBUTE, MEMBER_ATTRIBUTE, SIZE_ATTRIBUTES } from './expression.js';
import type { Comparator, Expression } from './expression.js';

/** What is known when an expression is evaluated; what is absent is unknown, and an unknown comparison never excludes. */
export interface Facts {
  readonly member?: MemberId;
  readonly flavor?: Flavor;
  /** Name of one of the member's clouds. */
  readonly cloud?: string;
}

/** Kleene's three-valued evaluation: undefined = it depends on something unknown. */
export function evaluateRequirements(expression: Expression, facts: Facts): boolean | undefined {
  switch (expression.kind) {
    case 'not': return negate(evaluateRequirements(expression.operand, facts));
    case 'and': return both(evaluateRequirements(expression.left, facts), evaluateRequirements(expression.right, facts));
    case 'or': return negate(both(negate(evaluateRequirements(expression.left, facts)), negate(evaluateRequirements(expression.right, facts))));
    case 'compare': return compare(factOf(expression.attribute, facts), expression.comparator, expression.value);
  }
}

/** Can a member with unknown flavors serve it? Unlike the original, a lone `!=` counts (spec §1.13, weakness 11). */
export function memberMaySatisfy(expression: Expression | undefined, member: MemberId): boolean {
  return !expression || evaluateRequirements(expression, { member }) !== false;
}

/** The smallest flavor that satisfies the expression at this member and has the wanted name, if one is wanted. */
export function chooseFlavor(flavors: readonly Flavor[], member: MemberId, expression?: Expression, name?: string): Flavor | undefined {
  return flavors
    .filter((flavor) => (name === undefined || flavor.name === name) && (!expression || evaluateRequirements(expression, { member, flavor }) !== false))
    .reduce<Flavor | undefined>((best, flavor) => (best && compareFlavors(best, flavor) <= 0 ? best : flavor), undefined);
}

const negate = (value: boolean | undefined): boolean | undefined => (value === undefined ? undefined : !value);

function both(left: boolean | undefined, right: boolean | undefined): boolean | undefined {
  if (left === false || right === false) return false;
  return left === undefined || right === undefined ? undefined : true;
}

function factOf(attribute: string, facts: Facts): string | number | undefined {
  if (attribute === MEMBER_ATTRIBUTE) return facts.member;
  if (attribute === CLOUD_ATTRIBUTE) return facts.cloud;
  const size = SIZE_ATTRIBUTES[attribute as keyof typeof SIZE_ATTRIBUTES];
  const value = size && facts.flavor?.[size];
  // A flavor that does not state a dimension has -1 there (spec §1.13) and is not excluded by it.
  return value === undefined || value < 0 ? undefined : value;
}

function compare(fact: string | number | undefined, comparator: Comparator, value: string | number): boolean | undefined {
  if (fact === undefined) return undefined;
  const [left, right] = typeof fact === 'number' && typeof value === 'number' ? [fact, value] : [String(fact), String(value)];
  switch (comparator) {
    case '==': return left === right;
    case '!=': return left !== right;
    case '<': return left < right;
    case '<=': return left <= right;
    case '>': return left > right;
    case '>=': return left >= right;
  }
}
