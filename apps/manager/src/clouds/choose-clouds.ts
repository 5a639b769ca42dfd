import { CLOUD_ATTRIBUTE, evaluateRequirements, NOUN_OF_KIND, parseRequirements } from '@fogbow/request-model';
import type { MemberId, ResourceKind } from '@fogbow/request-model';
import { ERROR_CATALOGUE } from '@fogbow/plugin-contracts';
import type { RequestGrounds, RequestOutcome } from '../fulfilment/instance-provider.js';
import type { OrderRecord } from '../orders/order-record.js';

export type Refused = Extract<RequestOutcome, { kind: 'refused' }>;

/** What a choice among the clouds of a member needs to know of each. */
export interface CloudFacts {
  readonly name: string;
  /** The kinds that may be asked for. */
  readonly kinds: readonly ResourceKind[];
}

/**
 * Pure: the clouds that an order may go to, in the order in which they are tried, which is that of the configuration. What uses other
 * things goes where they are; of the rest the requirements decide, which may name a cloud.
 */
export function fittingClouds<Cloud extends CloudFacts>(order: Pick<OrderRecord, 'kind' | 'spec'>, grounds: RequestGrounds, clouds: readonly Cloud[], self: MemberId): readonly Cloud[] | Refused {
  const bound = grounds.uses.size > 0 ? [placeOf(clouds, grounds.cloud)].filter((cloud) => cloud !== undefined) : clouds;
  if (bound.length === 0) return refusal('cloud-unavailable', `the cloud ${grounds.cloud ?? ''} of what it needs is not configured any more`);
  const able = bound.filter(({ kinds }) => kinds.includes(order.kind));
  if (able.length === 0) return refusal('cloud-rejected', `the cloud here has no ${NOUN_OF_KIND[order.kind]}s`);
  const parsed = parseRequirements(order.spec.requirements ?? '');
  const expression = 'expression' in parsed ? parsed.expression : undefined;
  const wanted = able.filter(({ name }) => !expression || evaluateRequirements(expression, { member: self, cloud: name, ...(grounds.flavor ? { flavor: grounds.flavor } : {}) }) !== false);
  if (wanted.length > 0) return wanted;
  return refusal('no-valid-host', `the requirements exclude ${able.map(({ name }) => name).join(', ')} (${CLOUD_ATTRIBUTE})`);
}

/** The cloud that an instance names; the first one's instances name none. */
export const placeOf = <Cloud extends CloudFacts>(clouds: readonly Cloud[], name: string | undefined): Cloud | undefined => (name === undefined ? clouds[0] : clouds.slice(1).find((cloud) => cloud.name === name));

export interface CloudRefusal extends Pick<Refused, 'code' | 'reason'> {
  readonly cloud: string;
}

/** Pure: one refusal of several. One that may pass says more than one that will not, for as long as one may pass the order is worth waiting. */
export function joinRefusals(refusals: readonly CloudRefusal[]): Refused {
  const [first = { cloud: '', code: 'no-valid-host', reason: 'there is no cloud' } satisfies CloudRefusal, ...others] = refusals;
  const code = refusals.find((one) => one.code === 'quota-exceeded')?.code ?? refusals.find((one) => isPassing(one))?.code ?? first.code;
  return refusal(code, others.length === 0 ? first.reason : refusals.map(({ cloud, reason }) => `${cloud}: ${reason}`).join('; '));
}

const isPassing = ({ code }: CloudRefusal): boolean => code !== 'cloud-rejected' && ERROR_CATALOGUE[code].httpStatus !== 400;
const refusal = (code: Refused['code'], reason: string): Refused => ({ kind: 'refused', code, reason, uncertain: false });
