import type { Amount } from '@fogbow/request-model';
import type { FakeKnobs } from './fake-knobs.js';
import type { FakeMachine } from './fake-machine.js';
import { createMachineIndex } from './machine-index.js';

/** One change of the fake cloud, as its journal keeps it. */
export type FakeEntry =
  | { readonly kind: 'knobs'; readonly knobs: FakeKnobs }
  | { readonly kind: 'token'; readonly value: string; readonly account: string; readonly expiresAt?: number }
  | { readonly kind: 'expire-tokens' }
  | { readonly kind: 'create'; readonly machine: FakeMachine }
  | { readonly kind: 'remove'; readonly id: string }
  | { readonly kind: 'fail'; readonly id: string; readonly at: number };

type Effect = Exclude<FakeEntry, { kind: 'knobs' }>;
type Token = Extract<FakeEntry, { kind: 'token' }>;
type Effects = { readonly [Kind in Effect['kind']]: (entry: Extract<Effect, { kind: Kind }>) => void };

/** What the fake cloud has and whom it knows: changed by entries only, read at a time. */
export function createFakeBooks() {
  const machines = createMachineIndex();
  const tokens = new Map<string, Token>();
  let issued = 0;
  const at = (now: number): typeof machines => {
    machines.sweep(now);
    return machines;
  };
  const effects: Effects = {
    token: (entry) => tokens.set(entry.value, entry),
    'expire-tokens': () => tokens.clear(),
    create: ({ machine }) => machines.put(machine),
    remove: ({ id }) => machines.drop(id),
    fail: ({ id, at: failsAt }) => {
      const machine = machines.get(id);
      if (machine) machines.put({ ...machine, failsAt });
    },
  };
  return {
    apply: <Entry extends Effect>(entry: Entry): void => (effects[entry.kind] as (entry: Entry) => void)(entry),
    /** Never given twice, also not by another life of the cloud: it begins with the time. */
    freshId: (kind: string, now: number): string => {
      for (;;) {
        const id = `${kind}-${now.toString(36)}-${(issued++).toString(36)}`;
        if (!machines.has(id) && !tokens.has(id)) return id;
      }
    },
    accountOf: (value: string, now: number): string | undefined => {
      const token = tokens.get(value);
      return token && (token.expiresAt ?? Infinity) > now ? token.account : undefined;
    },
    machine: (id: string, now: number): FakeMachine | undefined => at(now).get(id),
    named: (account: string, clientToken: string, now: number): FakeMachine | undefined => at(now).named(account, clientToken),
    machines: (now: number): FakeMachine[] => at(now).all(),
    used: (account: string, now: number): Amount => at(now).used(account),
    snapshot: (now: number): Effect[] => [
      ...[...tokens.values()].filter((token) => (token.expiresAt ?? Infinity) > now),
      ...at(now).all().map((machine): Effect => ({ kind: 'create', machine })),
    ],
  };
}

export type FakeBooks = ReturnType<typeof createFakeBooks>;
