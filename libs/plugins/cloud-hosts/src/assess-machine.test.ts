import { assessMachine } from './assess-machine.js';
import type { MachineFacts } from './read-inventory.js';

const record = { id: 'h0.t-00000000', clientToken: 't', size: { vcpu: 1, ramMb: 64, diskGb: 1 }, image: 'i', createdAt: '2026-01-01T00:00:00.000Z' };
const facts = (more: Partial<MachineFacts>): MachineFacts => ({ record, runs: false, hasPidFile: false, ...more });

it.each<[string, Partial<MachineFacts>, string | undefined, object]>([
  ['was made and never started', {}, undefined, { kind: 'due' }],
  ['ran in an earlier boot of its host', { started: 'earlier-boot', hasPidFile: true }, undefined, { kind: 'due' }],
  ['could not be started in an earlier boot', { started: 'earlier-boot', fault: 'no disk' }, undefined, { kind: 'due' }],
  ['runs', { started: 'this-boot', runs: true, hasPidFile: true }, 'running', { state: 'active' }],
  ['runs and its monitor is mute', { started: 'this-boot', runs: true, hasPidFile: true }, undefined, { state: 'active' }],
  ['is being started and not noted yet', { runs: true, hasPidFile: true }, 'running', { state: 'active' }],
  ['is halted', { started: 'this-boot', runs: true, hasPidFile: true }, 'paused', { state: 'suspended' }],
  ['cannot write its disk', { started: 'this-boot', runs: true }, 'io-error', { state: 'failed', fault: expect.stringMatching(/full or broken/) as string }],
  ['has panicked', { started: 'this-boot', runs: true }, 'guest-panicked', { state: 'failed', fault: expect.stringMatching(/crashed/) as string }],
  ['was killed', { started: 'this-boot', hasPidFile: true }, undefined, { state: 'failed', fault: expect.stringMatching(/ended from outside/) as string }],
  ['has shut itself down', { started: 'this-boot' }, undefined, { state: 'inactive' }],
  ['could not be started', { started: 'this-boot', fault: 'no disk' }, undefined, { state: 'failed', fault: 'The machine cannot be started: no disk' }],
  ['was stopped', { started: 'this-boot', offForMs: 5 }, undefined, { state: 'inactive' }],
  ['was stopped and is not down yet', { started: 'this-boot', runs: true, offForMs: 5 }, undefined, { state: 'inactive' }],
  ['was stopped before its host booted', { started: 'earlier-boot', offForMs: 5 }, undefined, { state: 'inactive' }],
])('a machine that %s', (_name, given, status, expected) => expect(assessMachine(facts(given), status)).toMatchObject(expected));
