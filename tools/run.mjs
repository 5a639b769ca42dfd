// `npm run e2e -- NAME` and `npm run bench -- NAME`: setup, build, then that one program; without NAME, what there is.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { report, root, setup, ToolError } from './setup.mjs';

const KINDS = {
  e2e: { folder: join('apps', 'e2e', 'src'), suffix: '.e2e.ts', usage: 'npm run e2e -- NAME [--keep]' },
  bench: { folder: join('tools', 'bench'), suffix: '.bench.ts', usage: 'npm run bench -- NAME [--json FILE]' },
};

function namesOf(kind) {
  const folder = join(root, kind.folder);
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  return entries.filter((name) => name.endsWith(kind.suffix)).map((name) => name.slice(0, -kind.suffix.length)).sort();
}

/** The bundle lies in the clone, so that what it leaves out is found in node_modules; its name is this run's own. */
async function bundle(source, name) {
  const esbuild = await import('esbuild');
  const outfile = join(root, '.cache', 'run', `${name}-${process.pid}.cjs`);
  mkdirSync(join(root, '.cache', 'run'), { recursive: true });
  try {
    await esbuild.build({
      absWorkingDir: root, entryPoints: [source], outfile, bundle: true, platform: 'node', target: 'node20', format: 'cjs', sourcemap: 'inline',
      packages: 'external', tsconfig: join(root, 'tsconfig.base.json'), logLevel: 'warning',
    });
  } catch (error) {
    throw new ToolError(`${name} could not be built: ${error.message}`);
  } finally {
    await esbuild.stop();
  }
  return outfile;
}

function runProgram(file, args) {
  const child = spawn(process.execPath, ['--enable-source-maps', file, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, FOGBOW_ROOT: root } });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal ? 130 : code));
  });
}

async function main([kindName, name, ...args]) {
  const kind = KINDS[kindName];
  if (!kind) throw new ToolError(`Usage: ${Object.values(KINDS).map(({ usage }) => usage).join('  |  ')}`);
  const names = namesOf(kind);
  if (!name || name.startsWith('-')) {
    process.stdout.write(`${kind.usage}\nThere are: ${names.join(', ') || 'none yet'}\n`);
    process.exitCode = name && name !== '--help' ? 2 : 0;
    return;
  }
  if (!names.includes(name)) throw new ToolError(`There is no ${kindName} ${name}; there are: ${names.join(', ') || 'none yet'}.`);
  await setup();
  const { buildIfChanged } = await import('./build-if-changed.mjs');
  await buildIfChanged();
  const file = await bundle(join(root, kind.folder, name + kind.suffix), name);
  try {
    process.exitCode = await runProgram(file, args);
  } finally {
    rmSync(file, { force: true });
  }
}

main(process.argv.slice(2)).catch(report);
