import { FogbowError } from '@fogbow/plugin-contracts';
import type { InstanceState, PowerAction } from '@fogbow/plugin-contracts';

export type PowerStep = 'boot' | 'shut-down' | 'reset' | 'halt' | 'go-on';
type Plan = PowerStep | 'nothing' | 'conflict';

/** The table of docs/contracts/compute-power.md. */
const TABLE: { readonly [State in InstanceState]: { readonly [Action in PowerAction]: Plan } } = {
  inactive: { start: 'boot', stop: 'shut-down', restart: 'conflict', suspend: 'conflict' },
  active: { start: 'nothing', stop: 'shut-down', restart: 'reset', suspend: 'halt' },
  suspended: { start: 'go-on', stop: 'shut-down', restart: 'conflict', suspend: 'nothing' },
  failed: { start: 'conflict', stop: 'conflict', restart: 'conflict', suspend: 'conflict' },
};

/** Pure: the step to take; undefined where the state is there already. To stop what does not run keeps it so through a boot of its host. Throws conflict. */
export function planPower(state: InstanceState, action: PowerAction): PowerStep | undefined {
  const plan = TABLE[state][action];
  if (plan === 'conflict') throw new FogbowError('conflict', `A machine that is ${state} cannot ${action}.`);
  return plan === 'nothing' ? undefined : plan;
}
