import type { CloudCredentials, ComputeCloud } from '@fogbow/plugin-contracts';
import { oneOf, plus } from '@fogbow/request-model';
import { activeMachine, untilState, untilUsed, withCloud } from './cloud-subject.js';
import type { CloudOptions, CloudSubject, CloudUnderTest } from './cloud-subject.js';
import { codeOf, describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export type CloudRuleId = 'C1' | 'C1-overlap' | 'C2' | 'C3' | 'C4' | 'C4-token' | 'C5' | 'C6' | 'C7' | 'C7-full' | 'C9' | 'I1' | 'I1-wrong';

export interface CloudSuiteOptions extends CloudOptions {
  /** Credentials that the cloud must refuse; absent: it takes any, and I1-wrong is skipped. */
  readonly wrongCredentials?: CloudCredentials;
  readonly skips?: Skips<CloudRuleId>;
}

interface Subject extends CloudSubject {
  readonly compute: ComputeCloud;
  readonly options: CloudSuiteOptions;
}

type Rule = ConformanceRule<CloudRuleId, Subject>;

const repeated: Rule[] = [{
  id: 'C1', says: 'a repeated create returns the first machine',
  async check({ compute, call, request }) {
    const first = await compute.create(request('one'), call);
    const second = await compute.create(request('one'), call);
    expect(second.id).toBe(first.id);
    expect(await compute.list(call)).toHaveLength(1);
  },
}, {
  id: 'C1-overlap', says: 'overlapping creates with one client token yield one machine, where atomicCreate is claimed',
  async check({ compute, call, request }) {
    if (!compute.capabilities.atomicCreate) return;
    const made = await Promise.all(Array.from({ length: 8 }, () => compute.create(request('one'), call)));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await compute.list(call)).toHaveLength(1);
  },
}, {
  id: 'C2', says: 'create answers before the machine must run, and the machine becomes active',
  async check(subject) {
    const made = await subject.compute.create(subject.request('one'), subject.call);
    expect(['inactive', 'active']).toContain(made.state);
    expect(made.clientToken).toBe(subject.request('one').clientToken);
    await untilState(subject, 'active', () => subject.compute.describe(made.id, subject.call));
  },
}];

const looking: Rule[] = [{
  id: 'C3', says: 'find knows a machine by its client token, until it is removed',
  async check({ compute, call, request }) {
    const { clientToken } = request('one');
    expect(await compute.find(clientToken, call)).toBeUndefined();
    const made = await compute.create(request('one'), call);
    expect((await compute.find(clientToken, call))?.id).toBe(made.id);
    expect(await compute.find(request('other').clientToken, call)).toBeUndefined();
    await compute.remove(made.id, call);
    expect(await compute.find(clientToken, call)).toBeUndefined();
  },
}, {
  id: 'C4', says: 'describe answers undefined for a machine that is gone, and only then',
  async check({ compute, call, request }) {
    const made = await compute.create(request('one'), call);
    expect(await compute.describe(made.id, call)).toMatchObject({ id: made.id, clientToken: made.clientToken });
    await compute.remove(made.id, call);
    expect(await compute.describe(made.id, call)).toBeUndefined();
    expect(await compute.describe('no-such-machine', call)).toBeUndefined();
  },
}, {
  id: 'C4-token', says: 'a call with a token that the cloud did not give is cloud-unauthorized, never an empty answer',
  async check({ compute, call, stranger, request }) {
    const made = await compute.create(request('one'), call);
    const calls = [
      compute.describe(made.id, stranger), compute.find(request('one').clientToken, stranger), compute.list(stranger),
      compute.create(request('two'), stranger), compute.quota(stranger), compute.remove(made.id, stranger),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => 'cloud-unauthorized'));
    expect(await compute.list(call)).toHaveLength(1);
  },
}, {
  id: 'C5', says: 'list shows every machine once',
  async check({ compute, call, request }) {
    expect(await compute.list(call)).toEqual([]);
    const made = await Promise.all([compute.create(request('one'), call), compute.create(request('two'), call)]);
    const shown = await compute.list(call);
    expect(shown.map(({ id }) => id).sort()).toEqual(made.map(({ id }) => id).sort());
  },
}];

const ending: Rule[] = [{
  id: 'C6', says: 'remove may be repeated and takes unknown ids; the client token is free again',
  async check({ compute, call, request }) {
    const made = await compute.create(request('one'), call);
    await Promise.all([compute.remove(made.id, call), compute.remove(made.id, call)]);
    await compute.remove(made.id, call);
    await compute.remove('no-such-machine', call);
    expect(await compute.list(call)).toEqual([]);
    expect((await compute.create(request('one'), call)).id).not.toBe(made.id);
  },
}, {
  id: 'C7', says: 'quota counts what is there and what was given back',
  async check(subject) {
    const { compute, call, request, size } = subject;
    const before = await compute.quota(call);
    const made = await compute.create(request('one'), call);
    await untilUsed(subject, plus(before.used, oneOf(size)));
    await compute.remove(made.id, call);
    expect(await untilUsed(subject, before.used)).toEqual(before);
  },
}, {
  id: 'C7-full', says: 'a create beyond the limit is quota-exceeded, also when many come at once',
  async check(subject) {
    if (!subject.under.full) return;
    await withSubject(subject.under.full, subject.options, async ({ compute, call, request }) => {
      const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((name) => compute.create(request(name), call)));
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => (reason as { code?: string }).code);
      expect(refused).toEqual(['quota-exceeded', 'quota-exceeded', 'quota-exceeded']);
      expect(await compute.list(call)).toHaveLength(1);
    });
  },
}];

const access: Rule[] = [{
  id: 'C9', says: 'a cloud that lets users in takes their key, and where it tells an address it tells the account too',
  async check(subject) {
    if (!subject.compute.capabilities.givesAccess) return;
    const { sshAddress, sshUsername } = await activeMachine(subject, { ...subject.request('one'), publicKey: A_KEY });
    if (sshAddress) expect([sshAddress.host, sshAddress.port > 0, sshUsername ?? '']).toEqual([expect.stringMatching(/./), true, expect.stringMatching(/./)]);
  },
}];

const A_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKBcTULW8Ijlm7d1pNVU9QbvgZ0hXgvLbYGyWlA2p3hC of@conformance';

const identity: Rule[] = [{
  id: 'I1', says: 'a fresh token is accepted and has not expired',
  async check({ compute, call }) {
    expect(call.token.value).not.toBe('');
    if (call.token.expiresAt) expect(call.token.expiresAt.getTime()).toBeGreaterThan(Date.now());
    await compute.quota(call);
  },
}, {
  id: 'I1-wrong', says: 'wrong credentials are cloud-unauthorized',
  async check({ under, call, options }) {
    if (!options.wrongCredentials) return;
    expect(await codeOf(under.plugin.identity.issue(options.wrongCredentials, call.signal))).toBe('cloud-unauthorized');
  },
}];

/** Holds a cloud to docs/contracts/compute-cloud.md and cloud-identity.md. The factory gives an empty cloud for each rule. */
export function computeCloudSuite(name: string, factory: () => Promise<CloudUnderTest>, options: CloudSuiteOptions = {}): void {
  const skips = { ...(options.wrongCredentials ? {} : { 'I1-wrong': 'the cloud takes any credentials' } as const), ...options.skips };
  describeRules(`${name} as a compute cloud`, [...repeated, ...looking, ...ending, ...access, ...identity], (check) => withSubject(factory, options, check), skips);
}

function withSubject(factory: () => Promise<CloudUnderTest>, options: CloudSuiteOptions, check: (subject: Subject) => Promise<void>): Promise<void> {
  return withCloud(factory, options, (subject) => check({ ...subject, compute: subject.plugin.compute, options }));
}
