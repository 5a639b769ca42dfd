import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '../start-federation.js';
import { run } from '../two-hosts/images.js';

export const BEFORE = 'fogbow:before';

/** The commit that a name stands for; undefined when this clone does not have it. */
export function commitOf(name: string): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { cwd: cloneRoot(), encoding: 'utf8', timeout: 10_000, stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

/** Gives an engine the image of a commit, built from its own sources by its own tools. The Debian base must be there. */
export async function loadImageOf(commit: string, socket: string): Promise<void> {
  const folder = join(cloneRoot(), '.cache', 'run', `before-${process.pid}`);
  const archive = `${folder}.tar`;
  try {
    mkdirSync(folder, { recursive: true });
    await run('git', ['archive', '--output', archive, commit]);
    await run('tar', ['-xf', archive, '-C', folder]);
    await provideModules(folder);
    await run(process.execPath, ['tools/build.mjs', ...['manager', 'rendezvous', 'reverse-tunnel', 'cli', 'setup'].map((name) => `apps/${name}`)], { cwd: folder });
    await run('deploy/images/build.sh', ['--debian', '--ready', '--tag', BEFORE], { cwd: folder, env: { DOCKER_HOST: `unix://${socket}` } });
  } finally {
    for (const path of [folder, archive]) rmSync(path, { recursive: true, force: true });
  }
}

/** Ours, where they are the same. */
async function provideModules(folder: string): Promise<void> {
  const lock = (place: string): string => readFileSync(join(place, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(cloneRoot())) symlinkSync(join(cloneRoot(), 'node_modules'), join(folder, 'node_modules'));
  else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, timeoutMs: 600_000 });
}
