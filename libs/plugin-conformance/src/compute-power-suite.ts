import { POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { InstanceState, PowerAction } from '@fogbow/plugin-contracts';
import { ability, activeMachine, untilState, withCloud } from './cloud-subject.js';
import type { CloudOptions, CloudSubject, CloudUnderTest } from './cloud-subject.js';
import { codeOf, describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';

export type PowerRuleId = 'W1' | 'W1-conflict' | 'W2' | 'W3' | 'W4' | 'W4-token';

interface Switch {
  readonly id: string;
  can(action: PowerAction): boolean;
  /** Performs and waits for the state. */
  turn(action: PowerAction, state: InstanceState): Promise<void>;
  code(action: PowerAction): Promise<string>;
}

async function running({ plugin, call, ...subject }: CloudSubject): Promise<Switch> {
  const power = ability(plugin, 'power');
  const { id } = await activeMachine({ plugin, call, ...subject }, subject.request('one'));
  return {
    id,
    can: (action) => power.actions.includes(action),
    async turn(action, state) {
      await power.perform(id, action, call);
      await untilState(subject, state, () => plugin.compute.describe(id, call));
    },
    code: (action) => codeOf(power.perform(id, action, call)),
  };
}

const moving: ConformanceRule<PowerRuleId, CloudSubject>[] = [{
  id: 'W1', says: 'each action leads to the state of the table',
  async check(subject) {
    const { can, turn } = await running(subject);
    if (can('stop')) await turn('stop', 'inactive');
    if (can('stop') && can('start')) await turn('start', 'active');
    if (can('restart')) await turn('restart', 'active');
    if (can('suspend')) await turn('suspend', 'suspended');
    if (can('suspend') && can('start')) await turn('start', 'active');
    if (can('suspend') && can('stop')) {
      await turn('suspend', 'suspended');
      await turn('stop', 'inactive');
    }
  },
}, {
  id: 'W1-conflict', says: 'what the state does not allow is a conflict and changes nothing',
  async check(subject) {
    const { id, can, turn, code } = await running(subject);
    if (can('suspend') && can('restart')) {
      await turn('suspend', 'suspended');
      expect(await code('restart')).toBe('conflict');
      expect(await subject.plugin.compute.describe(id, subject.call)).toMatchObject({ state: 'suspended' });
    }
    if (!can('stop')) return;
    await turn('stop', 'inactive');
    for (const action of (['suspend', 'restart'] as const).filter(can)) expect(await code(action)).toBe('conflict');
    expect(await subject.plugin.compute.describe(id, subject.call)).toMatchObject({ state: 'inactive' });
  },
}, {
  id: 'W2', says: 'asking for the state that is there changes nothing, also when it is asked twice at once',
  async check(subject) {
    const { id, can, turn } = await running(subject);
    const { plugin, call } = subject;
    const twice = (action: PowerAction): Promise<unknown> => Promise.all([1, 2].map(() => plugin.power?.perform(id, action, call)));
    if (can('start')) await turn('start', 'active');
    for (const [action, state] of [['suspend', 'suspended'], ['stop', 'inactive'], ['start', 'active']] as const) {
      if (!can(action)) continue;
      await twice(action);
      await turn(action, state);
    }
    expect(await plugin.compute.list(call)).toHaveLength(1);
  },
}];

const keeping: ConformanceRule<PowerRuleId, CloudSubject>[] = [{
  id: 'W3', says: 'a stopped machine keeps its id, its name and its share of the quota, and is inactive in every answer',
  async check(subject) {
    const { plugin, call, request } = subject;
    const { id, can, turn } = await running(subject);
    if (!can('stop')) return;
    const before = await plugin.compute.quota(call);
    await turn('stop', 'inactive');
    const expected = { id, clientToken: request('one').clientToken, state: 'inactive' };
    expect(await plugin.compute.find(request('one').clientToken, call)).toMatchObject(expected);
    expect(await plugin.compute.list(call)).toMatchObject([expected]);
    expect(await plugin.compute.create(request('one'), call)).toMatchObject(expected);
    expect(await plugin.compute.quota(call)).toEqual(before);
    await plugin.compute.remove(id, call);
    expect(await plugin.compute.describe(id, call)).toBeUndefined();
  },
}, {
  id: 'W4', says: 'an unknown machine is not-found, and an action that is not offered is method-not-allowed',
  async check(subject) {
    const power = ability(subject.plugin, 'power');
    const { code } = await running(subject);
    for (const action of POWER_ACTIONS) {
      if (power.actions.includes(action)) expect(await codeOf(power.perform('no-such-machine', action, subject.call))).toBe('not-found');
      else expect(await code(action)).toBe('method-not-allowed');
    }
  },
}, {
  id: 'W4-token', says: 'a call with a token that the cloud did not give is cloud-unauthorized',
  async check(subject) {
    const power = ability(subject.plugin, 'power');
    const { id } = await running(subject);
    for (const action of power.actions) expect(await codeOf(power.perform(id, action, subject.stranger))).toBe('cloud-unauthorized');
    expect(await subject.plugin.compute.describe(id, subject.call)).toMatchObject({ state: 'active' });
  },
}];

/** Holds a cloud to docs/contracts/compute-power.md. The factory gives an empty cloud for each rule. */
export function computePowerSuite(name: string, factory: () => Promise<CloudUnderTest>, options: CloudOptions & { readonly skips?: Skips<PowerRuleId> } = {}): void {
  describeRules(`${name} as a switch of machines`, [...moving, ...keeping], (check) => withCloud(factory, options, check), options.skips);
}
