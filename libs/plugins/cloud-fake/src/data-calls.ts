import type { CloudCredentials, CloudToken, Instance, InstanceRequest } from '@fogbow/plugin-contracts';
import { FogbowError } from '@fogbow/plugin-contracts';
import { oneOf, shortages } from '@fogbow/request-model';
import type { Quota } from '@fogbow/request-model';
import type { FakeKnobs } from './fake-knobs.js';
import { describeMachine } from './fake-machine.js';
import type { FakeMachine } from './fake-machine.js';
import type { FakeCore } from './fake-core.js';

/** What clients of the cloud use, each as the contract's method of that name; `token` is the value of the call's token. */
export interface DataCalls {
  issue(credentials: CloudCredentials): CloudToken;
  create(token: string, request: InstanceRequest): Instance;
  find(token: string, clientToken: string): Instance | undefined;
  describe(token: string, id: string): Instance | undefined;
  list(token: string): Instance[];
  remove(token: string, id: string): void;
  quota(token: string): Quota;
}

export function dataCalls(core: FakeCore): DataCalls {
  const { books, now, knobs, commit } = core;
  const accountOf = (token: string): string => {
    refuseInOutage(knobs());
    const account = books.accountOf(token, now());
    if (account === undefined) throw new FogbowError('cloud-unauthorized', 'The fake cloud does not know this token, or it has expired.');
    return account;
  };
  const mine = (account: string, id: string): FakeMachine | undefined => {
    const machine = books.machine(id, now());
    return machine?.account === account ? machine : undefined;
  };
  const view = (machine: FakeMachine | undefined): Instance | undefined => machine && describeMachine(machine, now());
  return {
    issue: (credentials) => issueToken(core, credentials),
    create(token, request) {
      const account = accountOf(token);
      const before = view(books.named(account, request.clientToken, now()));
      if (before) return before;
      refuseAsStaged(core);
      refuseWhenFull(quotaOf(core, account), request);
      const machine = newMachine({ id: books.freshId('vm', now()), account, now: now() }, request, knobs());
      commit({ kind: 'create', machine });
      return view(machine) ?? { id: machine.id, clientToken: machine.clientToken, state: 'inactive' };
    },
    find(token, clientToken) {
      const account = accountOf(token);
      return view(books.named(account, clientToken, now()));
    },
    describe(token, id) {
      const account = accountOf(token);
      return view(mine(account, id));
    },
    list(token) {
      const account = accountOf(token);
      return books.machines(now()).filter((machine) => machine.account === account).flatMap((machine) => view(machine) ?? []);
    },
    remove(token, id) {
      const account = accountOf(token);
      if (mine(account, id)) commit({ kind: 'remove', id });
    },
    quota: (token) => quotaOf(core, accountOf(token)),
  };
}

function issueToken({ books, now, knobs, commit }: FakeCore, credentials: CloudCredentials): CloudToken {
  const { password, tokenLifetime } = knobs();
  refuseInOutage(knobs());
  if (password !== null && credentials['password'] !== password) throw new FogbowError('cloud-unauthorized', 'The fake cloud has another password.');
  const value = books.freshId('token', now());
  const account = credentials['username'] ?? 'fogbow';
  if (tokenLifetime === null) {
    commit({ kind: 'token', value, account });
    return { value };
  }
  const expiresAt = now() + tokenLifetime;
  commit({ kind: 'token', value, account, expiresAt });
  return { value, expiresAt: new Date(expiresAt) };
}

function quotaOf({ books, now, knobs }: FakeCore, account: string): Quota {
  const { maxInstances, maxVcpu, maxRamMb } = knobs();
  return {
    limit: { instances: maxInstances ?? Infinity, vcpu: maxVcpu ?? Infinity, ramMb: maxRamMb ?? Infinity },
    used: books.used(account, now()),
  };
}

function refuseInOutage({ outage }: FakeKnobs): void {
  if (outage) throw new FogbowError('cloud-unavailable', 'The fake cloud is staged to be away.');
}

function refuseAsStaged({ knobs, countRefusal }: FakeCore): void {
  const { refuse, refuseCount } = knobs();
  if (refuse === 'none' || (refuseCount !== null && countRefusal() > refuseCount)) return;
  throw new FogbowError(refuse, `The fake cloud is staged to refuse with ${refuse}.`);
}

function refuseWhenFull(quota: Quota, request: InstanceRequest): void {
  const short = shortages(quota, oneOf(request.size));
  if (short.length > 0) throw new FogbowError('quota-exceeded', `The fake cloud has no room: ${short.join(', ')}.`);
}

function newMachine(birth: { id: string; account: string; now: number }, request: InstanceRequest, knobs: FakeKnobs): FakeMachine {
  const { id, account, now } = birth;
  return {
    id, account, clientToken: request.clientToken, size: request.size, createdAt: now,
    ...(knobs.neverBoot ? {} : { activeAt: now + knobs.bootDelay }),
    ...(knobs.vanishAfter === null ? {} : { vanishesAt: now + knobs.vanishAfter }),
    ...(knobs.failAfter === null ? {} : { failsAt: now + knobs.failAfter }),
  };
}
