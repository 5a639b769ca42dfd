import fc from 'fast-check';
import type { CapacityController, CapacityMemory, CapacityRound } from '@fogbow/plugin-contracts';
import { describeRules } from './conformance-rule.js';
import type { ConformanceRule, Skips } from './conformance-rule.js';
import { someFavours, someMember } from './favours-arbitrary.js';

export type CapacityRuleId = 'K1' | 'K1-json' | 'K1-pure' | 'K2' | 'K3' | 'K3-first';

const round: fc.Arbitrary<CapacityRound> = fc.record({ max: fc.oneof(fc.nat(100), fc.double({ min: 0, max: 1e6, noNaN: true })), favours: someFavours });
const rounds = fc.array(round, { minLength: 1, maxLength: 8 });
const always = <T>(what: fc.Arbitrary<T>, holds: (value: T) => void): Promise<void> => Promise.resolve(fc.assert(fc.property(what, holds)));
const after = (controller: CapacityController, history: readonly CapacityRound[]): CapacityMemory | undefined =>
  history.reduce<CapacityMemory | undefined>((memory, one) => controller.update(one, memory), undefined);
const json = (memory: CapacityMemory | undefined): CapacityMemory | undefined => (memory === undefined ? undefined : JSON.parse(JSON.stringify(memory)) as CapacityMemory);

const FOREIGN = [{}, { global: 3 }, { global: { capacity: 'much' } }, { members: [] }, { members: { 'a.example': null } }, { limit: -1, capacity: Number.MAX_VALUE }];

const rules: readonly ConformanceRule<CapacityRuleId, CapacityController>[] = [{
  id: 'K1', says: 'an update gives a memory, whoever came or left since the last',
  check: (controller) => always(rounds, (history) => expect(after(controller, history)).toBeInstanceOf(Object)),
}, {
  id: 'K1-json', says: 'a memory that went through JSON, as over a restart, is the same memory',
  check: (controller) => always(fc.tuple(rounds, round), ([history, next]) => {
    const memory = after(controller, history);
    expect(controller.update(next, json(memory))).toEqual(controller.update(next, memory));
  }),
}, {
  id: 'K1-pure', says: 'the same arguments give the same memory and stay as they are',
  check: (controller) => always(fc.tuple(rounds, round), ([history, next]) => {
    const memory = Object.freeze(after(controller, history));
    expect(controller.update(Object.freeze(next), memory)).toEqual(controller.update(next, memory));
  }),
}, {
  id: 'K2', says: 'a memory that is not its own counts as none',
  check: (controller) => always(fc.tuple(round, someMember), ([next, member]) => {
    for (const foreign of FOREIGN) {
      expect(controller.update(next, foreign)).toEqual(controller.update(next, undefined));
      expect(controller.limitOf(member, foreign)).toBe(Infinity);
    }
  }),
}, {
  id: 'K3', says: 'a limit lies between nothing and all, or there is none',
  check: (controller) => always(fc.tuple(rounds, someMember), ([history, member]) => {
    const limit = controller.limitOf(member, after(controller, history));
    if (limit === Infinity) return;
    expect(limit).toBeGreaterThanOrEqual(0);
    expect(limit).toBeLessThanOrEqual(history.at(-1)?.max ?? 0);
  }),
}, {
  id: 'K3-first', says: 'before the first round there is no limit',
  check: (controller) => always(someMember, (member) => expect(controller.limitOf(member, undefined)).toBe(Infinity)),
}];

/** Holds a controller to docs/contracts/capacity-controller.md. */
export function capacityControllerSuite(name: string, factory: () => CapacityController, skips: Skips<CapacityRuleId> = {}): void {
  describeRules(`${name} as a capacity controller`, rules, (check) => check(factory()), skips);
}
