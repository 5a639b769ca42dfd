import type { CapacityController, CapacityMemory, CapacityRound, PluginModule, SettingsTable, SettingValues } from '@fogbow/plugin-contracts';
import { NO_FAVOURS } from '@fogbow/request-model';
import type { Favours, MemberId } from '@fogbow/request-model';
import { asClimb, climbHill, fairnessOf } from './climb-hill.js';
import type { Climb, ClimbRules } from './climb-hill.js';

/** Spec §2.5 and its advice: delta .01 to .05, thresholds .75 and .95. */
const SETTINGS: SettingsTable = {
  delta: { type: 'number', default: 0.05, min: 0, meaning: 'By this share of all that our cloud has, the limit goes up or down at an update; at most 1.' },
  minimumThreshold: { type: 'number', default: 0.75, min: 0, meaning: 'Who returns less than this share of what we gave gets less.' },
  maximumThreshold: { type: 'number', default: 0.95, min: 0, meaning: 'Who returns more than this share of what we gave gets more.' },
};

function rulesOf(settings: SettingValues): ClimbRules {
  return { delta: Number(settings['delta']), minimumThreshold: Number(settings['minimumThreshold']), maximumThreshold: Number(settings['maximumThreshold']) };
}

function checkRules(settings: SettingValues): string[] {
  const { delta, minimumThreshold, maximumThreshold } = rulesOf(settings);
  return [
    ...(delta > 1 ? ['delta is a share: at most 1.'] : []),
    ...(minimumThreshold > maximumThreshold ? ['minimumThreshold must not be above maximumThreshold.'] : []),
  ];
}

const plugin = (name: string, create: (rules: ClimbRules) => CapacityController): PluginModule<CapacityController> =>
  ({ name, settings: SETTINGS, check: checkRules, create: (settings) => create(rulesOf(settings)) });

/** One limit for everybody, by what all returned of what we gave to all. */
export const globalFairness = plugin('capacity-global-fairness', (rules) => ({
  update: (round, before) => ({ global: climbGlobal(round, before, rules) }),
  limitOf: (_member, memory) => asClimb(memory?.['global'])?.capacity ?? Infinity,
}));

/** A limit for each member, by what it returned of what we gave to it. */
export const pairwiseFairness = plugin('capacity-pairwise-fairness', (rules) => ({
  update: (round, before) => climbPairwise(round, before, rules),
  limitOf: (member, memory) => climbOf(member, memory)?.capacity ?? asMax(memory),
}));

/** The member's own limit once it is known whether it returns favours, and the limit for everybody until then. */
export const twoFoldFairness = plugin('capacity-two-fold-fairness', (rules) => ({
  update: (round, before) => ({ global: climbGlobal(round, before, rules), ...climbPairwise(round, before, rules) }),
  limitOf(member, memory) {
    const own = climbOf(member, memory);
    return own && own.fairness >= 0 ? own.capacity : asClimb(memory?.['global'])?.capacity ?? Infinity;
  },
}));

function climbGlobal({ max, favours }: CapacityRound, before: CapacityMemory | undefined, rules: ClimbRules): Climb {
  const all = Object.values(favours).reduce<Favours>((sum, one) => ({ consumed: sum.consumed + one.consumed, donated: sum.donated + one.donated }), NO_FAVOURS);
  return climbHill(asClimb(before?.['global']), fairnessOf(all), max, rules);
}

/** Members that are not in the round are forgotten: without favours and away, they would be strangers again anyway. */
function climbPairwise({ max, favours }: CapacityRound, before: CapacityMemory | undefined, rules: ClimbRules): { max: number; members: Record<MemberId, Climb> } {
  return { max, members: Object.fromEntries(Object.entries(favours).map(([member, one]) => [member, climbHill(climbOf(member, before), fairnessOf(one), max, rules)])) };
}

function climbOf(member: MemberId, memory: CapacityMemory | undefined): Climb | undefined {
  const members = memory?.['members'];
  if (typeof members !== 'object' || members === null || !Object.hasOwn(members, member)) return undefined;
  return asClimb((members as Record<string, unknown>)[member]);
}

/** What a stranger may have: all that there was at the last update. */
function asMax(memory: CapacityMemory | undefined): number {
  const max = memory?.['max'];
  return typeof max === 'number' && max >= 0 ? max : Infinity;
}
