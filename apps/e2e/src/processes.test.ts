import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { familyOf, ownKb, procFile, residentKb, shareKb } from './processes.js';

test('a process is weighed, and those below it are found', async () => {
  const shell = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const grandchild = Number(String((await once(shell.stdout, 'data') as [Buffer])[0]));
  expect(familyOf(process.pid)).toEqual(expect.arrayContaining([process.pid, shell.pid, grandchild]));
  expect(familyOf(shell.pid as number)).toEqual([shell.pid, grandchild]);
  for (const weigh of [residentKb, ownKb, shareKb]) expect(weigh(process.pid)).toBeGreaterThan(1000);
  expect(residentKb(process.pid)).toBeGreaterThanOrEqual(ownKb(process.pid));
  process.kill(grandchild);
  await once(shell, 'close');
});

test('one that is gone weighs nothing', () => {
  const gone = 2 ** 22 + 1;
  expect([procFile(gone, 'status'), residentKb(gone), familyOf(gone)]).toEqual(['', 0, [gone]]);
});
