import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { freePort, isAlive, until, wipePostgres } from '@fogbow/embedded-servers';
import { bringDown } from './bring-down.js';
import { createFederation } from './bring-up.js';
import type { Federation } from './bring-up.js';
import { prepareDataFolder } from './data-folder.js';
import { readFederation } from './federation-file.js';
import type { FederationFile } from './federation-file.js';
import { readOptions } from './options.js';
import { planFederation } from './plan-federation.js';
import { refuseTakenPorts } from './refuse-taken-ports.js';
import { stopLeftovers } from './stop-leftovers.js';

/** In the place of our programs: a health page on the port of its configuration file. */
const STAND_IN = `
const port = Number(/http:\\n(?:  .*\\n)*?  port: (\\d+)/.exec(require('fs').readFileSync(process.argv[3], 'utf8'))[1]);
require('http').createServer((_, response) => response.end()).listen(port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;

let root: string;
let data: string;
let argv: string[];
const hurry = new AbortController().signal;
const silent = (): void => undefined;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'fb-launch-'));
  data = join(root, 'data');
  argv = ['--data', data, '--members', '1', '--port-base', String(20_000 + (await freePort() % 8000))];
  for (const app of ['xmpp-router', 'rendezvous', 'reverse-tunnel', 'manager']) {
    const program = join(root, 'dist', 'apps', app, 'main.js');
    mkdirSync(dirname(program), { recursive: true });
    writeFileSync(program, STAND_IN);
  }
  prepareDataFolder(data);
});
afterAll(async () => {
  await stopLeftovers(data, root, silent);
  wipePostgres(join(data, 'postgres'));
  rmSync(root, { recursive: true, force: true });
});

function federation(signal = hurry): Federation {
  return createFederation({ plan: planFederation(readOptions(argv, root, root)), root, install: false, restart: true, signal, say: silent });
}

const pidOf = (file: FederationFile | undefined, name: string): number => file?.processes.find((process) => process.name === name)?.pid as number;

describe('a federation', () => {
  it('comes up, says in federation.json what runs where, replaces what dies, and goes down to the last process', async () => {
    const up = federation();
    await up.bringUp();
    const file = up.record(true);
    expect(readFederation(data)).toEqual(file);
    expect(file.processes.map(({ name }) => name)).toEqual(['postgres', 'redis', 'xmpp-router', 'rendezvous', 'tunnel-a', 'manager-a']);
    expect(file.processes.every(({ pid }) => isAlive(pid))).toBe(true);
    await expect(refuseTakenPorts(planFederation(readOptions(argv, root, root)))).rejects.toThrow(/^Port \d+ \(for PostgreSQL\) is in use by another program: .*--port-base N\.$/);
    const killed = pidOf(file, 'manager-a');
    process.kill(killed, 'SIGKILL');
    expect(await until(() => ![killed, undefined].includes(pidOf(readFederation(data), 'manager-a')), 15_000)).toBe(true);
    const last = readFederation(data) as FederationFile;
    await bringDown(up, { data, root, hurry, say: silent });
    expect(last.processes.filter(({ pid }) => isAlive(pid))).toEqual([]);
    expect(readFederation(data)).toMatchObject({ running: false, processes: [] });
  }, 60_000);

  it('is swept up by the next start when its launcher was killed', async () => {
    const killed = federation();
    await killed.bringUp();
    const { processes } = killed.record(true);
    const services = processes.filter(({ name }) => name.startsWith('manager') || name === 'postgres' || name === 'redis');
    // The supervisor of this test would bring them back, as a killed launcher's would not.
    const swept = stopLeftovers(data, root, silent);
    await Promise.all(['manager-a', 'tunnel-a', 'rendezvous', 'xmpp-router', 'redis', 'postgres'].map((name) => killed.supervisor.stop(name)));
    await swept;
    expect(services.filter(({ pid }) => isAlive(pid))).toEqual([]);
  }, 60_000);

  it('keeps its tokens across starts', async () => {
    const tokens = (): unknown => readFederation(data)?.members.map(({ users }) => users);
    const before = tokens();
    federation().record(false);
    expect(tokens()).toEqual(before);
    expect(readFileSync(join(data, 'config', 'users-a.yaml'), 'utf8')).toContain('tokenSha256');
  });
});
