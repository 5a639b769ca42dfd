import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isClientToken } from './machine-record.js';
import { namesIn, readText, writeOnce, writeWhole } from './write-once.js';

export interface VolumeRecord {
  /** Client token, dash, eight hexadecimal digits. */
  readonly id: string;
  readonly clientToken: string;
  readonly sizeGb: number;
  readonly name?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Where its file is, from its first attachment on; a volume that was never attached has none. */
  readonly host?: string;
}

export interface AttachmentRecord {
  readonly id: string;
  readonly clientToken: string;
  readonly volumeId: string;
  readonly instanceId: string;
  /** The serial number that the machine sees: the wished name, such as `vdc`. */
  readonly device: string;
  /** The port of the machine in which it is, from 0 on. */
  readonly port: number;
  /** False until the machine is known to have it, or to get it when it starts. A record without the word is an older one, which was told then only. */
  readonly plugged?: boolean;
  readonly createdAt: string;
}

/** Records of one kind by their client tokens, a file each beside the Manager; all workers of the member share the folder. */
export interface Book<Kept> {
  named(clientToken: string): Kept | undefined;
  get(id: string): Kept | undefined;
  all(): Kept[];
  /** What the token stands for from now on: this one, or that of whoever was first. */
  add(record: Kept): Kept;
  replace(record: Kept): void;
  /** Does nothing where the token stands for another one by now. */
  drop(record: Kept): void;
}

export function openBook<Kept extends { readonly id: string; readonly clientToken: string }>(folder: string, mark: () => string): Book<Kept> {
  const fileOf = (clientToken: string): string => join(folder, `${clientToken}.json`);
  const parse = (text: string | undefined): Kept | undefined => (text === undefined ? undefined : JSON.parse(text) as Kept);
  const named = (clientToken: string): Kept | undefined => (isClientToken(clientToken) ? parse(readText(fileOf(clientToken))) : undefined);
  return {
    named,
    get(id) {
      const found = named(id.replace(/-[0-9a-f]{8}$/, ''));
      return found?.id === id ? found : undefined;
    },
    all: () => namesIn(folder).filter((name) => name.endsWith('.json')).flatMap((name) => parse(readText(join(folder, name))) ?? []),
    add: (record) => JSON.parse(writeOnce(fileOf(record.clientToken), JSON.stringify(record), mark())) as Kept,
    replace: (record) => writeWhole(fileOf(record.clientToken), JSON.stringify(record), mark()),
    drop({ id, clientToken }) {
      if (named(clientToken)?.id === id) rmSync(fileOf(clientToken), { force: true });
    },
  };
}
