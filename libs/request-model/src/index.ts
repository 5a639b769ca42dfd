export { FINAL_STATES, nextState, ORDER_EVENTS, ORDER_STATES, ORDER_TRANSITIONS, STATES_WITH_INSTANCE } from './order-state.js';
export type { OrderEvent, OrderState } from './order-state.js';
export { clientToken, globalInstanceId, needsOf, NOUN_OF_KIND, ORDER_TYPES, parseClientToken, RESOURCE_KINDS } from './order.js';
export type {
  AddressAllocation, AttachmentSpec, MeasuredPower, NetworkSpec, Order, OrderInstance, OrderOrigin, OrderSpec, OrderType, ResourceKind, ServiceAddress, UserDataPart, UserRef,
} from './order.js';
export { isMemberId, nextInTurn } from './member.js';
export type { Member, MemberId } from './member.js';
export { creditOf, debtTo, NO_FAVOURS } from './favours.js';
export type { Favours, FavoursOf } from './favours.js';
export { newestFirst } from './seniority.js';
export { compareFlavors, powerOfSize } from './flavor.js';
export type { Flavor, Size } from './flavor.js';
export { AMOUNT_DIMENSIONS, NOTHING, ONE_NETWORK, oneOf, oneVolume, plus, shortages } from './quota.js';
export type { Amount, Quota } from './quota.js';
export { freeAddresses, ipv4Text, networkFault, parseIpv4, parseIpv4Range, rangeHolds, rangesOverlap, withoutHostBits } from './ipv4-range.js';
export type { Ipv4Range } from './ipv4-range.js';
export { decodeUserData, encodeUserData, USER_DATA_TYPES } from './user-data.js';
export { planBoot } from './boot/plan-boot.js';
export type { BootPlan, BootStep } from './boot/plan-boot.js';
export type { Command, ConfigFile } from './boot/cloud-config.js';
export { CLOUD_ATTRIBUTE } from './requirements/expression.js';
export type { Comparator, Expression } from './requirements/expression.js';
export { parseRequirements } from './requirements/parse-requirements.js';
export type { RequirementsFault } from './requirements/parse-requirements.js';
export { chooseFlavor, evaluateRequirements, memberMaySatisfy } from './requirements/evaluate-requirements.js';
export type { Facts } from './requirements/evaluate-requirements.js';
