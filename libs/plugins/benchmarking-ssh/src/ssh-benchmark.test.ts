import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchmarkSuite } from '@fogbow/plugin-conformance';
import { DEFAULT_PROBE } from './default-probe.js';
import { sshBenchmark } from './ssh-benchmark.js';

jest.setTimeout(70_000);
const host = { memberId: 'a.example', log: { info: () => undefined, warn: () => undefined }, now: () => new Date(0) };
const SETTINGS = { timeout: 60_000, atOnce: 4, secondsOfOne: 10 };
const benchmark = sshBenchmark.create(SETTINGS, host);
const SMALL = { vcpu: 1, ramMb: 1024, diskGb: 10 };
const folder = mkdtempSync(join(tmpdir(), 'probe-'));
afterAll(() => rmSync(folder, { recursive: true }));

benchmarkSuite('benchmarking-ssh', () => benchmark);

it.each([[10, 1], [5, 2], [40, 0.25], [0, 1000]])('%d seconds are the power %d, whatever the size', (seconds, power) => {
  expect([benchmark.powerOf(SMALL, seconds), benchmark.powerOf({ ...SMALL, vcpu: 64 }, seconds)]).toEqual([power, power]);
});

it('goes by the size where nothing was measured, as vanilla does', () => {
  expect(benchmark.powerOf({ vcpu: 8, ramMb: 16_384, diskGb: 1 })).toBe(1);
});

it('takes another reference and another program', () => {
  const scriptFile = join(folder, 'probe.sh');
  writeFileSync(scriptFile, 'true\n');
  const other = sshBenchmark.create({ ...SETTINGS, secondsOfOne: 2, timeout: 5000, atOnce: 1, scriptFile }, host);
  expect([other.powerOf(SMALL, 4), other.probe]).toEqual([0.5, { script: 'true\n', timeoutSeconds: 5, atOnce: 1 }]);
});

it('takes four minutes for a program', () => expect(sshBenchmark.check?.({ ...SETTINGS, timeout: 240_000 })).toEqual([]));

it.each([
  ['a file that is not there', () => ({ scriptFile: join(folder, 'none') }), /cannot be read/],
  ['an empty file', () => { writeFileSync(join(folder, 'empty'), ' \n'); return { scriptFile: join(folder, 'empty') }; }, /nothing in it/],
  ['a program without end', () => { writeFileSync(join(folder, 'large'), '#'.repeat(20_000)); return { scriptFile: join(folder, 'large') }; }, /20000 characters/],
  ['no text', () => { writeFileSync(join(folder, 'binary'), 'a\0b'); return { scriptFile: join(folder, 'binary') }; }, /no text/],
  ['a measurement that outlasts the patience of others', () => ({ timeout: 240_001 }), /at most 4m/],
])('does not start with %s', (_name, changes, fault) => {
  expect(sshBenchmark.check?.({ ...SETTINGS, ...changes() })).toEqual([expect.stringMatching(fault)]);
});

const shells = [['dash'], ['busybox', 'sh'], ['bash', '--posix']].filter(([program = '']) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
it.each(shells)('its own program runs in %s', (program, ...more) => {
  expect(spawnSync(program, [...more, '-c', DEFAULT_PROBE], { stdio: 'ignore' }).status).toBe(0);
});
