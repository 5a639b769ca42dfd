import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '../start-federation.js';

/** Kinds of debian-base.sh, and how an engine is to run what is in them. */
export const SERVER_IMAGES = { node: 'fogbow-node:20', haproxy: 'fogbow-haproxy:2.6', postgres: 'fogbow-postgres:15', redis: 'fogbow-redis:7', prosody: 'fogbow-prosody:0.12' } as const;
export type ImageKind = keyof typeof SERVER_IMAGES;
const SEARCH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin';

/** Gives an engine the images of a host. The Debian ones are kept in .cache for as long as the script stays as it is; ours is built anew, which takes a second. */
export async function loadImages(socket: string, kinds: readonly ImageKind[]): Promise<void> {
  for (const kind of kinds) await run('docker', ['-H', `unix://${socket}`, 'import', '-c', `ENV ${SEARCH}`, '-c', 'ENV LANG=C.UTF-8', '-', SERVER_IMAGES[kind]], { input: await fileSystem(kind) });
  await run('deploy/images/build.sh', ['--debian', '--ready'], { env: { DOCKER_HOST: `unix://${socket}` } });
}

async function fileSystem(kind: ImageKind): Promise<string> {
  const script = join(cloneRoot(), 'deploy', 'images', 'debian-base.sh');
  const file = join(cloneRoot(), '.cache', `${kind}-image-${createHash('sha256').update(readFileSync(script)).update(process.version).digest('hex').slice(0, 12)}.tar`);
  if (existsSync(file)) return file;
  mkdirSync(join(cloneRoot(), '.cache'), { recursive: true });
  const beside = `${file}.${process.pid}`;
  try {
    await run(script, [kind, SERVER_IMAGES[kind], '--output', beside]);
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
  return file;
}

interface Surroundings {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Ends that are no failure; default 0 alone. */
  readonly fine?: readonly number[];
}

/** To its end; its words, which are also shown when it fails. */
export function run(program: string, args: readonly string[], { input, env, cwd = cloneRoot(), timeoutMs = 300_000, fine = [0] }: Surroundings = {}): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, env: { ...process.env, ...env } });
  let [out, all] = ['', ''];
  child.stdout.on('error', () => undefined).on('data', (bytes: Buffer) => { out += String(bytes); all += String(bytes); });
  child.stderr.on('error', () => undefined).on('data', (bytes: Buffer) => { all += String(bytes); });
  child.stdin.on('error', () => undefined);
  if (input === undefined) child.stdin.end();
  else createReadStream(input).on('error', () => child.kill()).pipe(child.stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => (fine.includes(code ?? -1) ? resolve(out.trim()) : reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}: ${all.trim().slice(-3000)}`))));
  });
}
