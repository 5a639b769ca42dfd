import type { PowerAction } from '@fogbow/plugin-contracts';
import { FogbowError } from '@fogbow/plugin-contracts';
import type { FakeCore } from './fake-core.js';
import { describeMachine } from './fake-entities.js';
import type { FakeMachine } from './fake-entities.js';
import { accountOf, indexOf, refuseAsStaged } from './resource-calls.js';

type Phase = 'up' | 'off' | 'suspended';
type Move = Phase | 'again' | 'stay' | 'conflict';

/** docs/contracts/compute-power.md as data. */
const MOVES: { readonly [From in Phase]: { readonly [Action in PowerAction]: Move } } = {
  up: { start: 'stay', stop: 'off', restart: 'again', suspend: 'suspended' },
  off: { start: 'up', stop: 'stay', restart: 'conflict', suspend: 'conflict' },
  suspended: { start: 'up', stop: 'off', restart: 'conflict', suspend: 'stay' },
};

export function switchMachine(core: FakeCore, token: string, id: string, action: PowerAction): void {
  const machine = indexOf(core, 'instances').get(id);
  if (machine?.account !== accountOf(core, token)) throw new FogbowError('not-found', `The fake cloud has no machine ${id}.`);
  refuseAsStaged(core, 'power');
  const move = moveOf(core, machine, action);
  if (move === 'conflict') throw new FogbowError('conflict', `The machine cannot ${action} in its present state.`);
  if (move === 'stay') return;
  if (move === 'off' || move === 'suspended') return core.commit({ kind: 'power', id, power: move });
  // A suspended machine goes on at once, any other has to boot.
  const { kinds, bootDelay } = core.knobs();
  const boot = machine.power === 'suspended' || !kinds.includes('instances') ? 0 : bootDelay;
  core.commit({ kind: 'power', id, power: 'on', activeAt: core.now() + boot });
}

function moveOf(core: FakeCore, machine: FakeMachine, action: PowerAction): Move {
  const state = describeMachine(machine, core.now())?.state;
  if (state === 'failed') return 'conflict';
  if (!machine.power && state === 'inactive' && (action === 'restart' || action === 'suspend')) return 'conflict';
  return MOVES[machine.power ?? 'up'][action];
}
