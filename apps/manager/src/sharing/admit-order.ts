import { NOTHING, oneOf } from '@fogbow/request-model';
import type { Amount, MemberId, Order } from '@fogbow/request-model';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { MemberAdmission } from '@fogbow/plugin-contracts';
import type { SizeOf } from '../accounting/machine-size.js';
import type { LimitOf } from './capacity.js';
import { unitsOf } from './capacity-unit.js';
import type { CapacityUnit } from './capacity-unit.js';

/** Throws forbidden, with a sentence, for a member that we do not serve. Asked before anything else is done for it. */
export type CheckAdmitted = (from: MemberId) => Promise<void>;

export const createCheckAdmitted = (admission: Pick<MemberAdmission, 'mayBeServed'>): CheckAdmitted => async (from) => {
  const decision = await admission.mayBeServed(from);
  if (!decision.allowed) throw new FogbowError('forbidden', decision.reason);
};

export interface AdmitOptions {
  readonly self: MemberId;
  readonly sizeOf: SizeOf;
  readonly unit: CapacityUnit;
  readonly limitOf: LimitOf;
  /** What a member has here, or is getting, in the unit. */
  measure(member: MemberId): Promise<number>;
}

/** Lets the work of taking an order in be done if its member stays within its capacity with it. Throws quota-exceeded with a sentence for the requester. */
export type AdmitOrder = (from: MemberId, wish: Pick<Order, 'kind' | 'spec'>, takeIn: () => Promise<void>) => Promise<void>;

/** One process of a member hears the others, so it is enough that orders under a limit are taken in here one after the other. */
export function createAdmitOrder({ self, sizeOf, unit, limitOf, measure }: AdmitOptions): AdmitOrder {
  let last: Promise<void> = Promise.resolve();
  const inTurn = async (work: () => Promise<void>): Promise<void> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    await mine;
  };
  /** Capacity is about machines; volumes and networks are free of it. */
  const amountOf = ({ kind, spec }: Pick<Order, 'kind' | 'spec'>): Amount => (kind !== 'compute' ? NOTHING
    : oneOf(sizeOf({ provider: self, flavor: spec.flavor ?? null, requirements: spec.requirements ?? null }) ?? { vcpu: 0, ramMb: 0 }));
  return async (from, wish, takeIn) => {
    const limit = await limitOf(from);
    if (limit === Infinity) return await takeIn();
    await inTurn(async () => {
      const fault = overLimit(from, unitsOf(amountOf(wish), unit), await measure(from), limit, unit);
      if (fault) throw new FogbowError('quota-exceeded', fault);
      await takeIn();
    });
  };
}

const WORDS: Readonly<Record<CapacityUnit, string>> = { instances: 'machines', vcpu: 'vCPUs' };

/** Pure: what the requester hears when its order goes beyond its capacity; undefined when it does not. */
export function overLimit(member: MemberId, wanted: number, present: number, limit: number, unit: CapacityUnit): string | undefined {
  if (wanted === 0 || present + wanted <= limit) return undefined;
  const share = Math.floor(limit * 100) / 100;
  return `${member} has ${present} of the ${share} ${WORDS[unit]} that it may have here by our policy, and wants ${wanted} more.`;
}
