import { parse } from 'yaml';

/** What machines without cloud-init understand of `text/cloud-config`; the names are cloud-init's. */
export interface CloudConfig {
  /** Public key lines by user name; those of the default user stand under ''. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly ConfigFile[];
  /** A text is for the shell, a list is a program and its arguments. */
  readonly bootCommands: readonly Command[];
  readonly runCommands: readonly Command[];
  /** Top-level names that were passed over. */
  readonly ignored: readonly string[];
}

export type Command = string | readonly string[];

export interface ConfigFile {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
  readonly append: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

const KNOWN = ['users', 'ssh_authorized_keys', 'write_files', 'bootcmd', 'runcmd'];

/** Throws the parser's error for text that is no YAML map. What is wrong inside is passed over, as cloud-init does. */
export function parseCloudConfig(text: string): CloudConfig {
  const root: unknown = parse(text) ?? {};
  if (!isFields(root)) throw new TypeError('A cloud-config is a map.');
  return {
    keys: keysOf(root),
    files: listOf(root['write_files']).filter(isFields).flatMap(fileOf),
    bootCommands: listOf(root['bootcmd']).flatMap(commandOf),
    runCommands: listOf(root['runcmd']).flatMap(commandOf),
    ignored: Object.keys(root).filter((name) => !KNOWN.includes(name)),
  };
}

function keysOf(root: Fields): Map<string, readonly string[]> {
  const named = listOf(root['users']).filter(isFields).filter((user) => typeof user['name'] === 'string');
  const keys = new Map(named.map((user) => [String(user['name']), textsOf(user['ssh_authorized_keys'] ?? user['ssh-authorized-keys'])]));
  return keys.set('', [...(keys.get('') ?? []), ...textsOf(root['ssh_authorized_keys'])]);
}

function fileOf(file: Fields): ConfigFile[] {
  const { path, content, encoding, permissions, append } = file;
  if (typeof path !== 'string') return [];
  const isBase64 = encoding === 'b64' || encoding === 'base64';
  return [{
    path,
    content: Buffer.from(String(content ?? ''), isBase64 ? 'base64' : 'utf8'),
    mode: /^0?[0-7]{3}$/.test(String(permissions)) ? Number.parseInt(String(permissions), 8) : 0o644,
    append: append === true,
  }];
}

function commandOf(command: unknown): Command[] {
  if (Array.isArray(command)) return command.length > 0 ? [command.map(String)] : [];
  return typeof command === 'string' ? [command] : [];
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textsOf = (value: unknown): string[] => (typeof value === 'string' ? [value] : listOf(value).filter((item) => typeof item === 'string'));

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
