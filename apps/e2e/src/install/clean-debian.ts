import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cloneRoot } from '../start-federation.js';
import { run } from '../two-hosts/images.js';

/** What any host that is reached by ssh has beside the smallest Debian. */
const BESIDE = ['ca-certificates', 'openssh-server', 'iproute2', 'procps'];
const RELEASE = 'bookworm';

/** Root of a Debian as its installer leaves it, made in `folder`; the archive is kept in .cache. */
export async function makeCleanDebian(folder: string): Promise<string> {
  const archive = join(cloneRoot(), '.cache', `clean-debian-${RELEASE}.tar`);
  if (!existsSync(archive)) await makeArchive(archive, folder);
  const root = join(folder, 'debian');
  mkdirSync(root);
  await run('tar', ['--numeric-owner', '-xpf', archive, '-C', root]);
  return root;
}

async function makeArchive(archive: string, folder: string): Promise<void> {
  mkdirSync(join(cloneRoot(), '.cache'), { recursive: true });
  const fresh = join(folder, 'fresh');
  const beside = `${archive}.${process.pid}`;
  try {
    await run('debootstrap', ['--variant=minbase', `--include=${BESIDE.join(',')}`, RELEASE, fresh, 'http://deb.debian.org/debian'], { timeoutMs: 900_000 });
    await run('tar', ['--numeric-owner', '-cpf', beside, '-C', fresh, '.']);
    renameSync(beside, archive);
  } finally {
    rmSync(beside, { force: true });
    rmSync(fresh, { recursive: true, force: true });
  }
}
