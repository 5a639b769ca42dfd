import { FogbowError } from '@fogbow/plugin-contracts';
import type { InstanceState, PowerAction } from '@fogbow/plugin-contracts';
import type { ContainerVerb } from './engine-containers.js';

type Steps = readonly ContainerVerb[] | 'conflict';

/** The table of docs/contracts/compute-power.md. A frozen container is thawed before it can be told to end. */
const TABLE: { readonly [State in InstanceState]: { readonly [Action in PowerAction]: Steps } } = {
  inactive: { start: ['start'], stop: [], restart: 'conflict', suspend: 'conflict' },
  active: { start: [], stop: ['stop'], restart: ['restart'], suspend: ['pause'] },
  suspended: { start: ['unpause'], stop: ['unpause', 'stop'], restart: 'conflict', suspend: [] },
  failed: { start: 'conflict', stop: 'conflict', restart: 'conflict', suspend: 'conflict' },
};

/** Pure: what the engine must be told; nothing where the state is there already. Throws conflict. */
export function planPower(state: InstanceState, action: PowerAction): readonly ContainerVerb[] {
  const steps = TABLE[state][action];
  if (steps === 'conflict') throw new FogbowError('conflict', `A machine that is ${state} cannot ${action}.`);
  return steps;
}
