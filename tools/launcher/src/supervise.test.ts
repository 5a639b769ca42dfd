import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isAlive, startChildServer, stopProcess, until, waitForEnd } from '@fogbow/embedded-servers';
import type { ChildServer } from '@fogbow/embedded-servers';
import { probeHealth } from './probe-health.js';
import { createSupervisor } from './supervise.js';
import type { Supervisor } from './supervise.js';

const STAND_IN = 'require("node:http").createServer((q, s) => s.end("ok")).listen(Number(process.argv[1]), "127.0.0.1"); process.on("SIGTERM", () => process.exit(0));';

let folder: string;
let lines: string[];
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'fb-supervise-')); lines = []; });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function standIn(port: number, program = STAND_IN): () => Promise<ChildServer> {
  return () => startChildServer({
    name: 'stand-in', command: process.execPath, args: ['-e', program, String(port)], logFile: join(folder, 'log'), stopSignal: 'SIGTERM',
    ready: () => probeHealth(`http://127.0.0.1:${port}/`), readyTimeoutMs: 10_000,
  });
}

const supervisorThat = (restart: boolean): Supervisor =>
  createSupervisor({ restart, say: (line) => void lines.push(line), onChange: () => undefined, firstDelayMs: 20 });

describe('the supervisor', () => {
  it('starts again what was killed, under a new number, until it is asked to stop', async () => {
    const supervisor = supervisorThat(true);
    await supervisor.start({ name: 'stand-in', start: standIn(await freePort()) });
    const first = supervisor.pidOf('stand-in') as number;
    process.kill(first, 'SIGKILL');
    expect(await until(() => ![undefined, first].includes(supervisor.pidOf('stand-in')), 10_000)).toBe(true);
    const second = supervisor.pidOf('stand-in') as number;
    await supervisor.stop('stand-in');
    expect(isAlive(second)).toBe(false);
    expect(lines).toEqual(['stand-in ended unexpectedly; starting it again in 0.02 s', 'stand-in is back']);
  });

  it('leaves the dead dead when told so', async () => {
    const supervisor = supervisorThat(false);
    await supervisor.start({ name: 'stand-in', start: standIn(await freePort()) });
    process.kill(supervisor.pidOf('stand-in') as number, 'SIGKILL');
    expect(await until(() => supervisor.pidOf('stand-in') === undefined, 5000)).toBe(true);
    await supervisor.stop('stand-in');
    expect(lines).toEqual(['stand-in ended; it is left so (FOGBOW_NO_RESTART)']);
  });

  it('tells the last words of what cannot start', async () => {
    const start = standIn(await freePort(), 'console.error("stand-in: port 1 may not be opened by this user."); process.exit(1)');
    await expect(supervisorThat(true).start({ name: 'stand-in', start })).rejects.toThrow(/ended at once.*may not be opened by this user\.$/);
  });

  it('kills at once what ignores the request, when hurried', async () => {
    const supervisor = supervisorThat(true);
    await supervisor.start({ name: 'stand-in', start: standIn(await freePort(), `${STAND_IN} process.removeAllListeners("SIGTERM"); process.on("SIGTERM", () => undefined);`) });
    const pid = supervisor.pidOf('stand-in') as number;
    const hurry = new AbortController();
    const stopped = supervisor.stop('stand-in', hurry.signal);
    hurry.abort();
    await stopped;
    expect(isAlive(pid)).toBe(false);
  });
});

it('ends a process that outlives its grace', async () => {
  const child = await standIn(await freePort(), `${STAND_IN} process.removeAllListeners("SIGTERM"); process.on("SIGTERM", () => undefined);`)();
  await stopProcess(child.pid, { graceMs: 50 });
  expect(await waitForEnd(child.pid, 1000)).toBe(true);
});
