import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.js';
import { findPrograms, installPackage } from './system-package.js';

const PROGRAMS = {
  'qemu-system-x86_64': 'qemu-system-x86', 'qemu-img': 'qemu-utils', genisoimage: 'genisoimage', 'grub-mkimage': 'grub-common', depmod: 'kmod', cpio: 'cpio', mke2fs: 'e2fsprogs', sshd: 'openssh-server', ip: 'iproute2', openssl: 'openssl',
};
const BUILD_TIMEOUT_MS = 900_000;

/** One sentence on why no machines of QEMU can be made here; undefined when they can. Missing Debian packages are installed first where that is allowed. */
export function whyNoMachineHost(install: boolean, log: (line: string) => void): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || findPrograms('apt-get').length === 0) return 'The disk of a machine can only be built by root on Debian.';
  const missing = (): string[] => [...new Set(Object.entries(PROGRAMS).filter(([name]) => findPrograms(name).length === 0).map(([, from]) => from))];
  if (install) for (const name of missing()) installPackage(name, log);
  return missing().length > 0 ? `Programs are missing: apt-get install ${missing().join(' ')}.` : undefined;
}

/** The disk that deploy/machine-image/build-disk.sh makes, kept in `.cache` of the clone for as long as its scripts stay as they are. A build takes a minute or two. */
export async function machineDisk(root: string): Promise<string> {
  const scripts = ['build.sh', 'build-disk.sh'].map((name) => join(root, 'deploy', 'machine-image', name));
  const mark = scripts.reduce((hash, file) => hash.update(readFileSync(file)), createHash('sha256')).digest('hex').slice(0, 12);
  const file = join(root, '.cache', `machine-disk-${mark}.qcow2`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  if (existsSync(file)) return file;
  const beside = `${file}.${process.pid}`;
  try {
    await run(scripts[1] ?? '', ['--output', beside]);
    renameSync(beside, file);
    return file;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** To its end; its words are shown only when it fails. */
function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: BUILD_TIMEOUT_MS });
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('error', () => undefined).on('data', (bytes: Buffer) => { words += String(bytes); });
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new SetupError(`${program} cannot be run: ${cause.message}`)));
    child.once('close', (code, signal) => (code === 0 ? resolve() : reject(new SetupError(`${program} ended with ${signal ?? code}: ${words.trim()}`))));
  });
}
