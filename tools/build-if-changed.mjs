// Builds everything when a source, the lock file or the way of building changed since the last build.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, ToolError } from './setup.mjs';

const record = join(root, 'dist', '.built-from');

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield* files(join(folder, entry.name));
    else yield join(folder, entry.name);
  }
}

function fingerprint() {
  const hash = createHash('sha256');
  const inputs = ['apps', 'libs', 'tools'].flatMap((name) => [...files(join(root, name))]).filter((path) => !path.endsWith('.test.ts'));
  for (const path of [...inputs, join(root, 'package-lock.json'), join(root, 'tsconfig.base.json')].sort()) {
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

export async function buildIfChanged() {
  const wanted = fingerprint();
  if (existsSync(record) && readFileSync(record, 'utf8') === wanted) return;
  process.stderr.write('Building\n');
  const { buildable, bundle } = await import('./build.mjs');
  const esbuild = await import('esbuild');
  try {
    await Promise.all(buildable().map(bundle));
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(record, wanted);
  } catch (error) {
    throw new ToolError(`The build failed: ${error.message}`);
  } finally {
    // Its service process would otherwise live as long as this one.
    await esbuild.stop();
  }
}
