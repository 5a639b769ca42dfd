import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, until } from '../process.js';
import { layOut } from './openstack-layout.js';
import { createProcesses, runToEnd, stopLeftovers } from './openstack-processes.js';

const folder = mkdtempSync(join(tmpdir(), 'fogbow-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const pids = (): number[] => (JSON.parse(readFileSync(join(folder, 'processes.json'), 'utf8')) as { pid: number }[]).map(({ pid }) => pid);
const sleeper = { name: 'sleeper', command: '/bin/sh', args: ['-c', 'sleep 600 & wait'], ready: () => true };

it('ends a service with all that it started, also a halted one', async () => {
  const processes = createProcesses(await layOut(folder));
  await processes.start(sleeper);
  const [pid = 0] = pids();
  processes.signal('sleeper', 'SIGSTOP');
  await processes.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await until(() => !isAlive(-pid), 5000)).toBe(true);
  expect(pids()).toEqual([]);
});

it('ends at the next start what a killed one has left', async () => {
  await createProcesses(await layOut(folder)).start(sleeper);
  const [pid = 0] = pids();
  await stopLeftovers(folder);
  expect(isAlive(pid)).toBe(false);
});

it('tells the last words of a command that fails', async () => {
  await expect(runToEnd(await layOut(folder), '/bin/sh', ['-c', 'echo broken >&2; exit 3'])).rejects.toThrow(/broken/);
});
