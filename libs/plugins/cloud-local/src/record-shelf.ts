import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { clientTokenOf, isClientToken } from './machine-folder.js';
import { readJson, writeWhole } from './whole-file.js';

/** What volumes, networks and attachments have in common as files. */
export interface ShelfRecord {
  /** Client token, a dash and eight hexadecimal digits, as with machines. */
  readonly id: string;
  readonly clientToken: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Records of one kind, a file each, by their client tokens. Changes are made under the lock of the directory. */
export function createRecordShelf<Kept extends ShelfRecord>(path: string) {
  const fileOf = (clientToken: string): string => join(path, `${clientToken}.json`);
  const named = (clientToken: string): Kept | undefined => (isClientToken(clientToken) ? readJson<Kept>(fileOf(clientToken)) : undefined);
  return {
    path,
    named,
    get(id: string): Kept | undefined {
      const found = named(clientTokenOf(id) ?? '');
      return found?.id === id ? found : undefined;
    },
    all: (): Kept[] => namesIn(path).filter((name) => name.endsWith('.json')).sort().flatMap((name) => readJson<Kept>(join(path, name)) ?? []),
    put(record: Kept): void {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      writeWhole(fileOf(record.clientToken), JSON.stringify(record));
    },
    drop: ({ clientToken }: Kept): void => rmSync(fileOf(clientToken), { force: true }),
  };
}

export type RecordShelf<Kept extends ShelfRecord> = ReturnType<typeof createRecordShelf<Kept>>;

/** The names in a folder, none where there is no folder. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
