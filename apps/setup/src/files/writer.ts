import { chmodSync, chownSync, closeSync, existsSync, fsyncSync, linkSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What became of a file. */
export type Fate = 'made' | 'changed' | 'kept';

/** Writes below one folder. */
export interface Writer {
  /** Whole or not at all, and only what differs. */
  write(path: string, content: string, mode?: number): void;
  /** Writes only where there is nothing; of two at once one is first, and the other leaves it so. */
  create(path: string, content: string): void;
  folder(path: string, mode?: number): void;
  /** What was done, in the order of the first touch. */
  fates(): ReadonlyMap<string, Fate>;
}

/** Without the right to give files away everything must be the owner's own already. */
export function createWriter(root: string, owner: Owner): Writer {
  const fates = new Map<string, Fate>();
  const give = (file: string): void => {
    const { uid, gid } = lstatSync(file);
    if (uid !== owner.uid || gid !== owner.gid) chownSync(file, owner.uid, owner.gid);
  };
  const folder = (path: string, mode = 0o700): void => {
    const file = join(root, path);
    if (!existsSync(file)) {
      mkdirSync(file, { recursive: true, mode });
      chmodSync(file, mode);
    }
    give(file);
  };
  return {
    folder,
    create(path, content) {
      for (const above of foldersAbove(path)) folder(above);
      const [file, half] = [join(root, path), join(root, `${path}.${process.pid}.new`)];
      replace(half, content, 0o600, true);
      try {
        linkSync(half, file);
        fates.set(path, 'made');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      } finally {
        rmSync(half, { force: true });
      }
      give(file);
    },
    write(path, content, mode = 0o600) {
      const file = join(root, path);
      const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
      if (before !== content) {
        for (const above of foldersAbove(path)) folder(above);
        replace(file, content, mode);
      }
      chmodSync(file, mode);
      give(file);
      const fate = before === undefined ? 'made' : before === content ? 'kept' : 'changed';
      if (fates.get(path) !== 'made') fates.set(path, fate);
    },
    fates: () => fates,
  };
}

const foldersAbove = (path: string): string[] => (dirname(path) === '.' ? [] : [...foldersAbove(dirname(path)), dirname(path)]);

/** Readers see the old or the new text, never a half. What could not be made again is on the disk before anybody uses it. */
function replace(file: string, content: string, mode: number, isDear = false): void {
  const half = `${file}.${process.pid}.new`;
  try {
    const handle = openSync(half, 'w', mode);
    try {
      // Not writeSync, which may write a part and only says so.
      writeFileSync(handle, content);
      if (isDear) fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(half, file);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
}
