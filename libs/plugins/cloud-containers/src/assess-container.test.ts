import { POWER_ACTIONS } from '@fogbow/plugin-contracts';
import type { InstanceState } from '@fogbow/plugin-contracts';
import { assessContainer } from './assess-container.js';
import type { ContainerDetails, ContainerFacts } from './engine-containers.js';
import { planPower } from './plan-power.js';

const details: ContainerDetails = { restartPolicy: 'always', exitCode: 0, isOutOfMemory: false, error: '', restarts: 0 };
const facts = (status: string, more: Partial<ContainerDetails> = {}): ContainerFacts => ({ id: 'x', labels: {}, createdAt: new Date(0), status, details: { ...details, ...more } });

it.each<[string, Partial<ContainerDetails>, string, RegExp | undefined]>([
  ['running', {}, 'active', undefined],
  ['paused', {}, 'suspended', undefined],
  ['created', {}, 'unstarted', undefined],
  ['created', { error: 'no such device' }, 'failed', /cannot be started: no such device/],
  ['restarting', { restarts: 1 }, 'inactive', undefined],
  ['restarting', { restarts: 5, exitCode: 78 }, 'failed', /again and again; exit status 78\./],
  ['exited', { restartPolicy: 'no', exitCode: 137 }, 'inactive', undefined],
  ['exited', { exitCode: 137 }, 'failed', /ended from outside of Fogbow; exit status 137\./],
  ['exited', { exitCode: 0, endedForMs: 3000 }, 'inactive', undefined],
  ['exited', { exitCode: 0, endedForMs: 30_000 }, 'failed', /ended from outside/],
  ['exited', { exitCode: 127, error: 'no', endedForMs: 0 }, 'failed', /cannot be started/],
  ['exited', { exitCode: 137, isOutOfMemory: true }, 'failed', /it ran out of memory/],
  ['exited', { error: 'image is gone' }, 'failed', /cannot be started: image is gone/],
  ['removing', {}, 'gone', undefined],
  ['dead', {}, 'gone', undefined],
])('%s %j is %s', (status, more, expected, fault) => {
  const standing = assessContainer(facts(status, more));
  expect(standing.kind === 'machine' ? standing.state : standing.kind).toBe(expected);
  const said = standing.kind === 'machine' ? standing.fault : undefined;
  if (fault) expect(said).toMatch(fault);
  else expect(said).toBeUndefined();
});

it('switches as the table of the contract says', () => {
  const states: readonly InstanceState[] = ['inactive', 'active', 'suspended', 'failed'];
  const row = (state: InstanceState): string => POWER_ACTIONS.map((action) => {
    try {
      return `${action}: ${planPower(state, action).join(' ') || 'stays'}`;
    } catch (error) {
      return `${action}: ${(error as { code?: string }).code}`;
    }
  }).join(', ');
  expect(states.map((state) => `${state}: ${row(state)}`)).toEqual([
    'inactive: start: start, stop: stays, restart: conflict, suspend: conflict',
    'active: start: stays, stop: stop, restart: restart, suspend: pause',
    'suspended: start: unpause, stop: unpause stop, restart: conflict, suspend: stays',
    'failed: start: conflict, stop: conflict, restart: conflict, suspend: conflict',
  ]);
});
