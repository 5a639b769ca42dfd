import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.js';

/**
 * Gives an engine the machine image that deploy/machine-image/build.sh makes. The file system is kept in `.cache` of the clone for as long
 * as the script stays as it is: a build costs ten seconds and 37 MB from a Debian mirror.
 */
export async function loadMachineImage(root: string, socket: string, tag: string): Promise<void> {
  const script = join(root, 'deploy', 'machine-image', 'build.sh');
  const file = join(root, '.cache', `machine-image-${createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12)}.tar`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  if (!existsSync(file)) {
    const beside = `${file}.${process.pid}`;
    try {
      await run(script, ['--output', beside]);
      renameSync(beside, file);
    } finally {
      rmSync(beside, { force: true });
    }
  }
  await run('docker', ['-H', `unix://${socket}`, 'import', '-', tag], file);
}

/** To its end; its words are shown only when it fails. */
function run(program: string, args: readonly string[], input?: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: 600_000 });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('error', () => undefined).on('data', (bytes: Buffer) => { words += String(bytes); });
  child.stdin.on('error', () => undefined);
  if (input === undefined) child.stdin.end();
  else createReadStream(input).on('error', () => child.kill()).pipe(child.stdin);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new SetupError(`${program} cannot be run: ${cause.message}`)));
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new SetupError(`${program} ended with ${signal ?? code}: ${words.trim()}`))));
  });
}
