import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@fogbow/service-runtime';
import { admissionFileFaults, createAdmissionFile } from './admission-file.js';
import { parseAdmissionList } from './admission-list.js';

const directory = mkdtempSync(join(tmpdir(), 'fogbow-admission-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('reads one address a line', () => {
  const { members, faults } = parseAdmissionList('# friends\r\n  manager.A.test \n\n manager.b.test # since May\n#manager.c.test');
  expect([[...members], faults]).toEqual([['manager.a.test', 'manager.b.test'], []]);
});

it('names every line that is no address', () => {
  const { faults } = parseAdmissionList('a.test\nb test\nuser@c.test\n');
  expect(faults).toEqual([expect.stringMatching(/^Line 2 .*"b test"/), expect.stringMatching(/^Line 3 .*"user@c.test"/)]);
  expect(parseAdmissionList('a'.repeat(2_000_000)).faults).toHaveLength(1);
});

function open(text: string) {
  const path = join(directory, `${Math.random()}`);
  writeFileSync(path, text);
  const time = { ms: 0 };
  const told: [string, unknown][] = [];
  const log = { ...silentLogger, warn: (message: string, fields?: unknown) => void told.push([message, fields]), info: (message: string, fields?: unknown) => void told.push([message, fields]) };
  const admission = createAdmissionFile({ path, also: ['always.test'], clock: { uptime: () => time.ms }, log });
  const write = (next: string): void => { writeFileSync(`${path}.new`, next); renameSync(`${path}.new`, path); };
  return { path, time, told, write, admits: (id: string) => admission.admits(id) };
}

it('admits whom the file names, and looks at it again when it has changed', () => {
  const { time, told, write, admits } = open('a.test\n');
  expect([admits('a.test'), admits('b.test'), admits('always.test')]).toEqual([true, false, true]);
  write('b.test\n');
  time.ms = 999;
  expect(admits('b.test')).toBe(false);
  time.ms = 1000;
  expect([admits('a.test'), admits('b.test')]).toEqual([false, true]);
  time.ms = 9000;
  admits('b.test');
  expect(told).toEqual([['read the list of admitted members again', { members: 1 }]]);
});

it.each<[string, (file: ReturnType<typeof open>) => void]>([
  ['has a fault', ({ write }) => write('not an address\n')],
  ['has gone', ({ path }) => rmSync(path)],
])('keeps the last good list when the file %s, says so once, and recovers', (_what, spoil) => {
  const file = open('a.test\n');
  spoil(file);
  for (const ms of [1000, 2000, 3000]) {
    file.time.ms = ms;
    expect(file.admits('a.test')).toBe(true);
  }
  expect(file.told).toHaveLength(1);
  file.write('b.test\n');
  file.time.ms = 4000;
  expect([file.admits('a.test'), file.admits('b.test')]).toEqual([false, true]);
});

it('does not begin with a bad list', () => {
  expect(() => open('not an address')).toThrow(/Line 1/);
  expect(admissionFileFaults(join(directory, 'nowhere'))).toEqual([expect.stringContaining('cannot be read')]);
});
