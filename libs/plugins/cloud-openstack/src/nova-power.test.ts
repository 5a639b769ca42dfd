import type { PowerAction } from '@fogbow/plugin-contracts';
import { nextPowerStep } from './nova-power.js';

const ACTIONS: readonly PowerAction[] = ['start', 'stop', 'restart', 'suspend'];

it.each([
  ['ACTIVE', null, ['stay', 'os-stop', 'reboot', 'suspend']],
  ['ACTIVE', 'powering-off', ['wait', 'wait', 'wait', 'wait']],
  ['SHUTOFF', null, ['os-start', 'stay', 'conflict', 'conflict']],
  ['SHUTOFF', 'powering-on', ['wait', 'wait', 'wait', 'wait']],
  ['SUSPENDED', null, ['resume', 'resume', 'conflict', 'stay']],
  ['PAUSED', null, ['unpause', 'unpause', 'conflict', 'stay']],
  ['SUSPENDED', 'resuming', ['wait', 'wait', 'conflict', 'wait']],
  ['BUILD', 'spawning', ['stay', 'wait', 'conflict', 'conflict']],
  ['ERROR', null, ['conflict', 'conflict', 'conflict', 'conflict']],
  ['SHELVED', null, ['conflict', 'conflict', 'conflict', 'conflict']],
] as const)('from %s, busy with %s', (status, task, steps) => {
  expect(ACTIONS.map((action) => nextPowerStep(action, { status, 'OS-EXT-STS:task_state': task }))).toEqual(steps);
});
