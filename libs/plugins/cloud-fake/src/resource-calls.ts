import { FogbowError } from '@fogbow/plugin-contracts';
import { shortages } from '@fogbow/request-model';
import type { Quota } from '@fogbow/request-model';
import type { EntityIndex } from './entity-index.js';
import type { FakeCore } from './fake-core.js';
import { ENTRY_OF } from './fake-books.js';
import { USE } from './fake-entities.js';
import type { FakeEntities, FakeKind, FakeLife, FakeRequests, FakeViews } from './fake-entities.js';
import type { FakeKnobs, StagedKind } from './fake-knobs.js';

/** The five calls that all kinds have, each as the contract's method of that name; `token` is the value of the call's token. */
export interface ResourceCalls<Request, View> {
  create(token: string, request: Request): View;
  find(token: string, clientToken: string): View | undefined;
  describe(token: string, id: string): View | undefined;
  list(token: string): View[];
  remove(token: string, id: string): void;
}

/** What is particular to a kind. */
export interface KindRules<Kind extends FakeKind> {
  readonly kind: Kind;
  /** First part of its ids. */
  readonly prefix: string;
  /** The thing of a request, or the error that the contract says. */
  make(core: FakeCore, life: FakeLife, request: FakeRequests[Kind]): FakeEntities[Kind];
  view(core: FakeCore, entity: FakeEntities[Kind]): FakeViews[Kind] | undefined;
  /** Throws conflict where it may not go. */
  guard?(core: FakeCore, entity: FakeEntities[Kind]): void;
}

export function resourceCalls<Kind extends FakeKind>(core: FakeCore, rules: KindRules<Kind>): ResourceCalls<FakeRequests[Kind], FakeViews[Kind]> {
  const { kind } = rules;
  const index = (): EntityIndex<FakeEntities[Kind]> => indexOf(core, kind);
  const mine = (account: string, id: string): FakeEntities[Kind] | undefined => {
    const entity = index().get(id);
    return entity?.account === account ? entity : undefined;
  };
  const view = (entity: FakeEntities[Kind] | undefined): FakeViews[Kind] | undefined => entity && rules.view(core, entity);
  return {
    create(token, request) {
      const account = accountOf(core, token);
      const before = view(index().named(account, request.clientToken));
      if (before) return before;
      refuseAsStaged(core, kind);
      const entity = rules.make(core, newLife(core, rules, { account, clientToken: request.clientToken }), request);
      refuseWhenFull(quotaOf(core, account), kind, entity);
      core.commit(ENTRY_OF[kind](entity));
      return view(entity) ?? ({ ...request, id: entity.id, state: 'inactive' } as unknown as FakeViews[Kind]);
    },
    find(token, clientToken) {
      const account = accountOf(core, token);
      return view(index().named(account, clientToken));
    },
    describe(token, id) {
      const account = accountOf(core, token);
      return view(mine(account, id));
    },
    list(token) {
      const account = accountOf(core, token);
      return index().all().filter((entity) => entity.account === account).flatMap((entity) => view(entity) ?? []);
    },
    remove(token, id) {
      const entity = mine(accountOf(core, token), id);
      if (!entity) return;
      rules.guard?.(core, entity);
      core.commit({ kind: 'remove', id });
    },
  };
}

export function indexOf<Kind extends FakeKind>({ books, now }: FakeCore, kind: Kind): EntityIndex<FakeEntities[Kind]> {
  return books.at(now())[kind] as unknown as EntityIndex<FakeEntities[Kind]>;
}

/** The account of a token; throws cloud-unauthorized, and cloud-unavailable in an outage. */
export function accountOf({ books, now, knobs }: FakeCore, token: string): string {
  refuseInOutage(knobs());
  const account = books.accountOf(token, now());
  if (account === undefined) throw new FogbowError('cloud-unauthorized', 'The fake cloud does not know this token, or it has expired.');
  return account;
}

export function refuseInOutage({ outage }: FakeKnobs): void {
  if (outage) throw new FogbowError('cloud-unavailable', 'The fake cloud is staged to be away.');
}

export function refuseAsStaged({ knobs, countRefusal }: FakeCore, kind: StagedKind): void {
  const { refuse, refuseCount, kinds } = knobs();
  if (refuse === 'none' || !kinds.includes(kind) || (refuseCount !== null && countRefusal() > refuseCount)) return;
  throw new FogbowError(refuse, `The fake cloud is staged to refuse with ${refuse}.`);
}

export function quotaOf({ books, now, knobs }: FakeCore, account: string): Quota {
  const { maxInstances, maxVcpu, maxRamMb, maxVolumes, maxVolumeGb, maxNetworks } = knobs();
  return {
    limit: {
      instances: maxInstances ?? Infinity, vcpu: maxVcpu ?? Infinity, ramMb: maxRamMb ?? Infinity,
      volumes: maxVolumes ?? Infinity, volumeGb: maxVolumeGb ?? Infinity, networks: maxNetworks ?? Infinity,
    },
    used: books.used(account, now()),
  };
}

function refuseWhenFull<Kind extends FakeKind>(quota: Quota, kind: Kind, entity: FakeEntities[Kind]): void {
  const short = shortages(quota, USE[kind](entity));
  if (short.length > 0) throw new FogbowError('quota-exceeded', `The fake cloud has no room: ${short.join(', ')}.`);
}

function newLife({ books, now, knobs }: FakeCore, { kind, prefix }: { kind: FakeKind; prefix: string }, owner: { account: string; clientToken: string }): FakeLife {
  const { kinds, neverBoot, bootDelay, vanishAfter, failAfter } = knobs();
  const born = { id: books.freshId(prefix, now()), ...owner, createdAt: now() };
  if (!kinds.includes(kind)) return { ...born, activeAt: now() };
  return {
    ...born,
    ...(neverBoot ? {} : { activeAt: now() + bootDelay }),
    ...(vanishAfter === null ? {} : { vanishesAt: now() + vanishAfter }),
    ...(failAfter === null ? {} : { failsAt: now() + failAfter }),
  };
}
