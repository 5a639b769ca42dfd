import { POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { InstanceState } from '@fogbow/plugin-contracts';
import { planPower } from './plan-power.js';

const STATES: readonly InstanceState[] = ['inactive', 'active', 'suspended', 'failed'];
const planned = (state: InstanceState): string[] => POWER_ACTIONS.map((action) => {
  try {
    return planPower(state, action) ?? 'nothing';
  } catch (error) {
    return (error as { code: string }).code;
  }
});

it('is the table of the contract', () => expect(STATES.map(planned)).toEqual([
  ['boot', 'shut-down', 'conflict', 'conflict'], ['nothing', 'shut-down', 'reset', 'halt'], ['go-on', 'shut-down', 'conflict', 'nothing'], ['conflict', 'conflict', 'conflict', 'conflict'],
]));
