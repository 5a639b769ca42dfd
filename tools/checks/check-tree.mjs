// The habits of the tree that no linter sees: walls in lines, forbidden names and exports, text that belongs to one machine.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../setup.mjs';

const WALL = { source: 350, test: 600 };
const JUNK = /^(utils?|helpers?|common|core|base|misc)(\.|$)/i;
const SKIPPED = new Set(['node_modules', 'dist', '.git', '.nx', '.cache', '.fogbow', 'coverage']);

export function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory()) yield* filesUnder(join(folder, entry.name));
    else yield join(folder, entry.name);
  }
}

/** Faults of one file, each a whole sentence; `path` is relative to the clone. */
export function faultsOf(path, text) {
  const faults = [];
  const isTest = /\.(test|e2e|bench)\.ts$/.test(path) || path.startsWith('apps/e2e/') || path.startsWith('libs/plugin-conformance/');
  const wall = isTest ? WALL.test : WALL.source;
  const lines = text.split('\n').length - 1;
  if (/\.(ts|mjs|cjs)$/.test(path) && lines > wall) faults.push(`${path} has ${lines} lines, the wall is ${wall}.`);
  if (path.split('/').some((part) => JUNK.test(part)) && path !== 'tsconfig.base.json') faults.push(`${path} has a name that says nothing.`);
  if (/^export \*/m.test(text) && path.endsWith('.ts')) faults.push(`${path} exports everything of another file: name every export.`);
  if (/^export default/m.test(text) && path.endsWith('.ts')) faults.push(`${path} has a default export.`);
  if (/(describe|it|test)\.only\(/.test(text) && path.endsWith('.test.ts')) faults.push(`${path} runs only a part of its tests.`);
  return faults;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = ['apps', 'libs', 'tools'].map((name) => join(root, name));
  const files = folders.flatMap((folder) => [...filesUnder(folder)]);
  const faults = files.flatMap((path) => faultsOf(relative(root, path), readFileSync(path, 'utf8')));
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  const sources = files.filter((path) => path.endsWith('.ts') && !basename(path).endsWith('.test.ts')).map((path) => readFileSync(path, 'utf8').split('\n').length).sort((a, b) => a - b);
  process.stdout.write(`${sources.length} source files, median ${sources[Math.floor(sources.length / 2)] ?? 0} lines, longest ${sources.at(-1) ?? 0}; ${faults.length} fault(s)\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
