import fc from 'fast-check';
import { capacityControllerSuite } from '@fogbow/plugin-conformance';
import type { CapacityController, CapacityMemory } from '@fogbow/plugin-contracts';
import type { Favours } from '@fogbow/request-model';
import { globalFairness, pairwiseFairness, twoFoldFairness } from './fairness-controllers.js';

const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const RULES = { delta: 0.1, minimumThreshold: 0.75, maximumThreshold: 0.95 };
const global = globalFairness.create(RULES, host);
const pairwise = pairwiseFairness.create(RULES, host);
const twoFold = twoFoldFairness.create(RULES, host);

capacityControllerSuite('capacity-global-fairness', () => global);
capacityControllerSuite('capacity-pairwise-fairness', () => pairwise);
capacityControllerSuite('capacity-two-fold-fairness', () => twoFold);

const MISER: Favours = { consumed: 1, donated: 10 };
const FRIEND: Favours = { consumed: 20, donated: 10 };
const STRANGER: Favours = { consumed: 0, donated: 0 };

/** The limits of b, c and d after so many rounds of a cloud with room for ten. */
function limits(controller: CapacityController, favours: Record<string, Favours>, rounds: number): number[] {
  let memory: CapacityMemory | undefined;
  for (let round = 0; round < rounds; round++) memory = controller.update({ max: 10, favours }, memory);
  return ['b', 'c', 'd'].map((member) => Math.round(controller.limitOf(member, memory)));
}

describe('who gets how much', () => {
  const among = { b: MISER, c: FRIEND, d: STRANGER };
  it.each([
    // 21 returned of 20: all may have all.
    ['global', global, among, 6, [10, 10, 10]],
    ['global', global, { b: MISER, c: MISER, d: STRANGER }, 6, [5, 5, 5]],
    ['pairwise', pairwise, among, 6, [5, 10, 10]],
    ['two-fold', twoFold, among, 6, [5, 10, 10]],
    ['two-fold', twoFold, { b: MISER, c: MISER, d: STRANGER }, 6, [5, 5, 5]],
    ['pairwise', pairwise, { b: MISER, c: MISER, d: STRANGER }, 6, [5, 5, 10]],
    ['pairwise', pairwise, { b: MISER }, 1, [10, 10, 10]],
    ['two-fold', twoFold, { b: MISER, d: STRANGER }, 20, [0, 0, 0]],
  ])('%s fairness (%o) among %j after %d rounds: %j', (_name, controller, favours, rounds, wanted) => {
    expect(limits(controller, favours, rounds)).toEqual(wanted);
  });

  it('pairwise, nobody pays for what another does', () => {
    fc.assert(fc.property(fc.nat(20), fc.double({ min: 0, max: 3, noNaN: true }), (rounds, returned) => {
      const [alone] = limits(pairwise, { b: MISER }, rounds + 1);
      expect(limits(pairwise, { b: MISER, c: { consumed: returned, donated: 1 } }, rounds + 1)[0]).toBe(alone);
    }));
  });
});

describe('the settings', () => {
  it.each([
    [RULES, []], [{ ...RULES, delta: 1 }, []], [{ ...RULES, delta: 0 }, []], [{ ...RULES, minimumThreshold: 0.95 }, []],
    [{ ...RULES, delta: 1.01 }, ['delta']], [{ ...RULES, minimumThreshold: 1 }, ['minimumThreshold']],
    [{ delta: 2, minimumThreshold: 2, maximumThreshold: 1 }, ['delta', 'minimumThreshold']],
  ])('%j have the faults %j', (settings, faults) => {
    for (const { check } of [globalFairness, pairwiseFairness, twoFoldFairness]) expect(check?.(settings)).toEqual(faults.map((fault) => expect.stringContaining(fault) as unknown));
  });
  it('are not below nothing', () => expect(Object.values(globalFairness.settings).map(({ min }) => min)).toEqual([0, 0, 0]));
});
