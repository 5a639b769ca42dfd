import type { PowerAction } from '@fogbow/plugin-contracts';
import { nextPowerStep } from './nova-power.js';
import { stageLists, stageOpenStack } from './staged-openstack.js';

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

it.each([
  ['is there already', 'SUSPENDED', null, undefined],
  ['is on its way', 'ACTIVE', 'suspending', undefined],
  ['is where it was', 'ACTIVE', null, 'cloud-unavailable'],
] as const)('where Nova breaks because another call was faster, and the machine %s', async (_words, status, task, code) => {
  const stage = await stageOpenStack();
  try {
    stageLists(stage);
    const seen = (now: string, busy: string | null) => ({ server: { id: 's1', name: 'fogbow-test-1', status: now, metadata: {}, 'OS-EXT-STS:task_state': busy } });
    let looks = 0;
    stage.on('GET /compute/servers/s1', () => { looks += 1; return [200, looks === 1 ? seen('ACTIVE', null) : looks === 2 ? seen(status, task) : seen('SUSPENDED', null)]; });
    stage.on('POST /compute/servers/s1/action', [500, { computeFault: { message: 'Unexpected API Error' } }]);
    const outcome = stage.plugin().power?.perform('s1', 'suspend', stage.call);
    if (code) await expect(outcome).rejects.toMatchObject({ code });
    else await outcome;
  } finally {
    await stage.close();
  }
});
