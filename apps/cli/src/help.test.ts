import type { Command } from 'commander';
import { createProgram } from './create-program.js';
import { completionScript, SHELLS } from './completion/shell-scripts.js';
import { findCandidates } from './completion/find-candidates.js';
import { startStandInManager } from './testing/stand-in-manager.js';
import { createTestHost } from './testing/test-host.js';

const surroundings = { env: {}, home: '/', version: '0' };
const terminal = { isInteractive: false, columns: 80, rows: 24, write: () => undefined, note: () => undefined, askSecret: () => Promise.resolve('') };
const program = createProgram({ surroundings, terminal, signal: new AbortController().signal, now: () => new Date(0), newId: () => '', run: () => Promise.resolve(0) });

const everyCommand = (command: Command): Command[] => [command, ...command.createHelp().visibleCommands(command).filter((one) => one.name() !== 'help').flatMap(everyCommand)];
const nameOf = (command: Command): string => (command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name());

test.each(everyCommand(program).map((command) => [nameOf(command), command] as const))('%s --help has examples that begin with fogbow, and a description', (_name, command) => {
  let text = '';
  command.configureOutput({ writeOut: (part) => { text += part; } }).outputHelp();
  expect(command.description()).toMatch(/\.$|\)$/);
  expect(text).toMatch(/Examples:\n(?: {2}# .*\n)? {2}(?:eval "\$\()?fogbow /);
});

test.each<[string[], string[]]>([
  [['ord'], ['order']],
  [['order', 'cr'], ['create']],
  [['order', 'create', '--dry'], ['--dry-run']],
  [['order', 'create', '--kind', ''], ['compute', 'storage', 'network']],
  [['order', '--output', '=', 'js'], ['json']],
  [['completion', ''], ['bash', 'zsh', 'fish']],
  [['computes', 'su'], ['suspend']],
  [['ssh', 'x', '--', ''], []],
])('completes %j to %j', (words, values) => {
  expect(findCandidates(program, words).candidates.map(({ value }) => value)).toEqual(values);
});

test.each<[string[], string | undefined]>([
  [['order', 'show', ''], 'orders'], [['order', 'delete', 'a', ''], 'orders'], [['ssh', ''], 'orders'], [['order', 'list', '--profile', ''], 'profiles'],
  [['order', 'create', '--flavor', ''], 'flavors'], [['quota', ''], 'members'], [['order', 'show', 'a', ''], undefined], [['profiles', 'use', ''], 'profiles'],
])('%j wants %s', (words, wanted) => {
  expect(findCandidates(program, words).wanted).toBe(wanted);
});

test('nothing is completed that a shell would read', async () => {
  const manager = await startStandInManager();
  manager.answers.set('/v1/flavors', { flavors: [{ name: 'small' }, { name: '$(touch x)' }, { name: 'a b' }, { name: '`x`' }, { name: 'a;b' }] });
  const host = createTestHost({ env: { FOGBOW_URL: manager.url, FOGBOW_TOKEN: 'good' } });
  expect((await host.run('__complete', '--', 'order', 'create', '--flavor', '')).out).toMatch(/^small\t.*\n$/);
  host.remove();
  await manager.close();
});

test('completion never fails, whatever was typed and wherever the Manager is', async () => {
  const host = createTestHost({ env: { FOGBOW_URL: 'http://127.0.0.1:1' } });
  expect(await host.run('__complete', '--', 'order', 'show', '')).toEqual({ status: 0, out: '', notes: '' });
  expect((await host.run('__complete', '--', 'order', '--wat', '-x', '--help')).status).toBe(0);
  expect((await host.run('__complete', '--', 'mem')).out).toMatch(/^members\t.*\nmember\t.*\n$/);
  for (const shell of SHELLS) expect((await host.run('completion', shell)).out).toBe(completionScript(shell));
  host.remove();
});
