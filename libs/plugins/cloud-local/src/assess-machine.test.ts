import { assessMachine } from './assess-machine.js';
import type { MachineFacts } from './assess-machine.js';

const process = { pid: 7, startTicks: '100', bootId: 'now' };
const ready = { ...process, sshPort: 2222 };
const facts: MachineFacts = { process, isAlive: true, ready, isHalted: false, isPoweredOff: false, isHostStopped: false, hasFault: false, bootId: 'now' };

it.each<[string, Partial<MachineFacts>, string]>([
  ['lives and listens', {}, 'running'],
  ['lives, but does not listen yet', { ready: undefined }, 'booting'],
  ['lives, and its earlier life listened', { ready: { ...ready, startTicks: '50' } }, 'booting'],
  ['lives, marked by a stop that came to nothing', { isHostStopped: true }, 'running'],
  ['lives, but is halted', { isHalted: true }, 'suspended'],
  ['lives, and is being switched off', { isPoweredOff: true }, 'running'],
  ['was switched off', { isAlive: false, isPoweredOff: true }, 'off'],
  ['was switched off before its host stopped', { isAlive: false, isPoweredOff: true, isHostStopped: true, bootId: 'next' }, 'off'],
  ['ended and said why', { isAlive: false, hasFault: true }, 'failed'],
  ['ended and said why, before its host stopped', { isAlive: false, hasFault: true, isHostStopped: true }, 'stopped'],
  ['was halted when it ended', { isAlive: false, isHalted: true }, 'dead'],
  ['ended', { isAlive: false }, 'dead'],
  ['ended with its host, in order', { isAlive: false, isHostStopped: true }, 'stopped'],
  ['ended with its host, by power loss', { isAlive: false, bootId: 'next' }, 'stopped'],
  ['was never started', { process: undefined, isAlive: false, ready: undefined }, 'unstarted'],
  ['was never started before its host stopped', { process: undefined, isAlive: false, ready: undefined, isHostStopped: true }, 'stopped'],
])('a machine that %s', (_name, change, wanted) => {
  expect(assessMachine({ ...facts, ...change })).toBe(wanted);
});
