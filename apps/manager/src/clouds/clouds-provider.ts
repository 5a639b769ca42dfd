import { NOTHING } from '@fogbow/request-model';
import type { Amount, MemberId, ResourceKind } from '@fogbow/request-model';
import type { InstanceProvider, Observation, ReleaseOutcome, RequestGrounds, RequestOutcome } from '../fulfilment/instance-provider.js';
import type { LookRound } from '../fulfilment/look-round.js';
import type { OrderRecord } from '../orders/order-record.js';
import { fittingClouds, joinRefusals, placeOf } from './choose-clouds.js';
import type { CloudFacts, CloudRefusal } from './choose-clouds.js';
import type { RoomRefusal } from './remembered-room.js';

/** One of the member's clouds, under all its accounts. */
export interface OwnCloud extends CloudFacts {
  /** The kinds that it can have, also where they may not be asked for. */
  readonly holds: readonly ResourceKind[];
  readonly provider: InstanceProvider;
  /** Has it something for the order's present incarnation? Throws when it cannot tell. */
  has(order: OrderRecord, signal: AbortSignal): Promise<boolean>;
  /** Undefined where it may have room for so much. */
  roomRefusal(order: OrderRecord, takes: Amount): Promise<RoomRefusal | undefined>;
  /** A shorter time than the given, where it gave no answer last: nobody shall wait long for it. */
  limit(signal: AbortSignal): AbortSignal;
  /** It did not answer this order: what it said of its room counts no more. */
  distrust(order: OrderRecord): void;
}

export interface CloudsOptions {
  readonly self: MemberId;
  /** In the order in which they are tried. The instances of the first one name no cloud, so that it may have been the only one before. */
  readonly clouds: readonly OwnCloud[];
}

/**
 * The member's own clouds as one place. An instance stays in the cloud that it was made in, whatever the configuration says by now, and a
 * cloud that does not answer keeps to itself what it has: the others go on.
 */
export function createCloudsProvider({ self, clouds }: CloudsOptions): InstanceProvider {
  return {
    async request(order, grounds, signal) {
      const fitting = fittingClouds(order, grounds, clouds, self);
      if (!Array.isArray(fitting)) return fitting as Exclude<typeof fitting, readonly OwnCloud[]>;
      const earlier = await findEarlier(clouds, order, signal);
      if ('kind' in earlier) return earlier;
      return await requestInTurn(clouds, earlier.cloud ? [earlier.cloud] : fitting as readonly OwnCloud[], order, grounds, signal);
    },
    describe: (orders, signal, round) => describeAll(clouds, orders, signal, round),
    async release(target, signal) {
      const known = target.cloud === undefined ? undefined : placeOf(clouds, target.cloud === '' ? undefined : target.cloud);
      if (target.cloud !== undefined && !known) return { kind: 'pending', reason: `the cloud ${target.cloud} is not configured any more`, inMs: 60_000 };
      const able = clouds.filter(({ holds }) => holds.includes(target.kind));
      const asked = known ? [known] : able.length > 0 ? able : clouds.slice(0, 1);
      const outcomes = await Promise.all(asked.map((cloud) => cloud.provider.release(target, within(clouds, cloud, signal))));
      return outcomes.find(({ kind }) => kind === 'pending') ?? GONE;
    },
  };
}

/** Where there is one only, nobody waits behind it. */
const within = (clouds: readonly OwnCloud[], cloud: OwnCloud, signal: AbortSignal): AbortSignal => (clouds.length > 1 ? cloud.limit(signal) : signal);

const GONE: ReleaseOutcome = { kind: 'gone' };

/**
 * An order that was taken up before may have an instance in any cloud, of a create that nobody heard the end of. Before another cloud is
 * asked, all must have said that they have none.
 */
async function findEarlier(clouds: readonly OwnCloud[], order: OrderRecord, signal: AbortSignal): Promise<{ readonly cloud: OwnCloud | undefined } | Extract<RequestOutcome, { kind: 'refused' }>> {
  if (order.attempts <= 1 || clouds.length === 1) return { cloud: undefined };
  const able = clouds.filter(({ holds }) => holds.includes(order.kind));
  const seen = await Promise.all(able.map((cloud) => cloud.has(order, within(clouds, cloud, signal)).then((has) => ({ cloud, has }), () => ({ cloud, has: undefined }))));
  const found = seen.find(({ has }) => has === true);
  const silent = seen.filter(({ has }) => has === undefined).map(({ cloud }) => cloud.name);
  if (found || silent.length === 0) return { cloud: found?.cloud };
  return { kind: 'refused', code: 'cloud-unavailable', reason: `the cloud ${silent.join(', ')} does not say whether it has what an earlier try asked for`, uncertain: true };
}

/** One cloud after the other, until one takes it. What may exist in one is asked of no other. */
async function requestInTurn(all: readonly OwnCloud[], fitting: readonly OwnCloud[], order: OrderRecord, grounds: RequestGrounds, signal: AbortSignal): Promise<RequestOutcome> {
  const refusals: CloudRefusal[] = [];
  for (const cloud of fitting) {
    // Where there is one only, it says best itself what it lacks.
    const full = fitting.length > 1 ? await cloud.roomRefusal(order, grounds.takes ?? NOTHING) : undefined;
    const outcome = full ? undefined : await cloud.provider.request(order, grounds, signal);
    if (outcome?.kind === 'accepted') return cloud === all[0] ? outcome : { ...outcome, instance: { ...outcome.instance, cloud: cloud.name } };
    if (outcome?.kind === 'sent') throw new Error('Our own clouds answer at once.');
    if (outcome?.uncertain) cloud.distrust(order);
    if (outcome?.uncertain) return all.length > 1 ? { ...outcome, reason: `${cloud.name}: ${outcome.reason}` } : outcome;
    const { code, reason } = full ?? outcome as RoomRefusal;
    refusals.push({ cloud: cloud.name, code, reason });
  }
  return joinRefusals(refusals);
}

async function describeAll(clouds: readonly OwnCloud[], orders: readonly OrderRecord[], signal: AbortSignal, round: LookRound | undefined): Promise<ReadonlyMap<string, Observation>> {
  const names = [...new Set(orders.map(({ instance }) => instance?.cloud))];
  const seen = await Promise.all(names.map(async (name) => {
    const held = orders.filter(({ instance }) => instance?.cloud === name);
    const cloud = placeOf(clouds, name);
    return cloud ? await cloud.provider.describe(held, within(clouds, cloud, signal), round) : unknown(held, name ?? '');
  }));
  return new Map(seen.flatMap((one) => [...one]));
}

/** Never "gone": it may be there, and another would be ordered. */
const unknown = (orders: readonly OrderRecord[], cloud: string): ReadonlyMap<string, Observation> =>
  new Map(orders.map(({ id }) => [id, { kind: 'unknown', reason: `our cloud ${cloud} is not configured any more` }]));
