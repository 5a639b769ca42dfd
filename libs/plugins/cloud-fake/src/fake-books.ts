import { NOTHING, plus } from '@fogbow/request-model';
import type { Amount } from '@fogbow/request-model';
import { createEntityIndex } from './entity-index.js';
import type { EntityIndex } from './entity-index.js';
import { FAKE_KINDS, USE } from './fake-entities.js';
import type { FakeAttachment, FakeEntities, FakeKind, FakeLife, FakeMachine, FakeNetwork, FakeVolume } from './fake-entities.js';
import type { FakeKnobs } from './fake-knobs.js';

/** One change of the fake cloud, as its journal keeps it. */
export type FakeEntry =
  | { readonly kind: 'knobs'; readonly knobs: FakeKnobs }
  | { readonly kind: 'token'; readonly value: string; readonly account: string; readonly expiresAt?: number }
  | { readonly kind: 'expire-tokens' }
  | { readonly kind: 'create'; readonly machine: FakeMachine }
  | { readonly kind: 'create-volume'; readonly volume: FakeVolume }
  | { readonly kind: 'create-network'; readonly network: FakeNetwork }
  | { readonly kind: 'attach'; readonly attachment: FakeAttachment }
  | { readonly kind: 'power'; readonly id: string; readonly power: 'on' | 'off' | 'suspended'; readonly activeAt?: number }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'fail'; readonly id: string; readonly at: number };

type Effect = Exclude<FakeEntry, { kind: 'knobs' }>;
type Token = Extract<FakeEntry, { kind: 'token' }>;
type Effects = { readonly [Kind in Effect['kind']]: (entry: Extract<Effect, { kind: Kind }>) => void };
type Indexes = { readonly [Kind in FakeKind]: EntityIndex<FakeEntities[Kind]> };

const ALL_NONE: Amount = { ...NOTHING, volumes: 0, volumeGb: 0, networks: 0 };

/** The entry that brings a thing into the books. */
export const ENTRY_OF: { readonly [Kind in FakeKind]: (entity: FakeEntities[Kind]) => Effect } = {
  instances: (machine) => ({ kind: 'create', machine }),
  volumes: (volume) => ({ kind: 'create-volume', volume }),
  networks: (network) => ({ kind: 'create-network', network }),
  attachments: (attachment) => ({ kind: 'attach', attachment }),
};

/** What the fake cloud has and whom it knows: changed by entries only, read at a time. */
export function createFakeBooks() {
  const indexes: Indexes = {
    instances: createEntityIndex(USE.instances), volumes: createEntityIndex(USE.volumes),
    networks: createEntityIndex(USE.networks), attachments: createEntityIndex(USE.attachments),
  };
  const tokens = new Map<string, Token>();
  let issued = 0;
  /** The kinds as they are at that time. An attachment ends with its machine and with its volume. */
  const at = (now: number): Indexes => {
    for (const kind of FAKE_KINDS) for (const id of indexes[kind].sweep(now)) detachAll(indexes, id);
    return indexes;
  };
  const effects = effectsOn(indexes, tokens);
  return {
    apply: <Entry extends Effect>(entry: Entry): void => (effects[entry.kind] as (entry: Entry) => void)(entry),
    /** Never given twice, also not by another life of the cloud: it begins with the time. */
    freshId: (kind: string, now: number): string => {
      for (;;) {
        const id = `${kind}-${now.toString(36)}-${(issued++).toString(36)}`;
        if (!tokens.has(id) && !FAKE_KINDS.some((other) => indexes[other].has(id))) return id;
      }
    },
    accountOf: (value: string, now: number): string | undefined => {
      const token = tokens.get(value);
      return token && (token.expiresAt ?? Infinity) > now ? token.account : undefined;
    },
    at,
    used: (account: string, now: number): Amount => {
      const swept = at(now);
      return FAKE_KINDS.reduce((sum, kind) => plus(sum, swept[kind].used(account)), ALL_NONE);
    },
    snapshot: (now: number): Effect[] => [
      ...[...tokens.values()].filter((token) => (token.expiresAt ?? Infinity) > now),
      ...FAKE_KINDS.flatMap((kind) => entriesOf(at(now), kind)),
    ],
  };
}

export type FakeBooks = ReturnType<typeof createFakeBooks>;

function entriesOf<Kind extends FakeKind>(indexes: Indexes, kind: Kind): Effect[] {
  return (indexes[kind] as unknown as EntityIndex<FakeEntities[Kind]>).all().map(ENTRY_OF[kind]);
}

function effectsOn(indexes: Indexes, tokens: Map<string, Token>): Effects {
  return {
    token: (entry) => tokens.set(entry.value, entry),
    'expire-tokens': () => tokens.clear(),
    create: ({ machine }) => indexes.instances.put(machine),
    'create-volume': ({ volume }) => indexes.volumes.put(volume),
    'create-network': ({ network }) => indexes.networks.put(network),
    attach: ({ attachment }) => indexes.attachments.put(attachment),
    power: ({ id, power, activeAt }) => {
      const { power: _before, ...machine } = indexes.instances.get(id) ?? {};
      if (!('id' in machine)) return;
      indexes.instances.put({ ...(machine as FakeMachine), ...(power === 'on' ? {} : { power }), ...(activeAt === undefined ? {} : { activeAt }) });
    },
    remove: ({ id }) => {
      for (const kind of FAKE_KINDS) if (indexes[kind].drop(id)) detachAll(indexes, id);
    },
    fail: ({ id, at: failsAt }) => {
      for (const kind of FAKE_KINDS) failOne(indexes[kind] as unknown as EntityIndex<FakeLife>, id, failsAt);
    },
  };
}

function failOne(index: EntityIndex<FakeLife>, id: string, failsAt: number): void {
  const entity = index.get(id);
  if (entity) index.put({ ...entity, failsAt });
}

function detachAll({ attachments }: Indexes, id: string): void {
  for (const attachment of attachments.all()) if (attachment.instanceId === id || attachment.volumeId === id) attachments.drop(attachment.id);
}
