import { parse } from 'yaml';
import { FogbowError } from '@fogbow/plugin-contracts';

/** One user of the file, with the SHA-256 of their token instead of the token. */
export interface StaticUser {
  readonly id: string;
  readonly name: string;
  readonly tokenHash: Buffer;
  /** Absent: the token does not expire. */
  readonly expires?: Date;
}

/**
 * Reads `users: [{ id, name, tokenSha256, expires? }]`. Throws bad-syntax naming the entry and the field at fault, never its value:
 * somebody may have put a token where its hash belongs.
 */
export function parseUsers(text: string): readonly StaticUser[] {
  const root: unknown = parse(text);
  const users = isRecord(root) ? root['users'] : undefined;
  if (!Array.isArray(users)) throw new FogbowError('bad-syntax', 'The users file needs a list named "users".');
  const parsed = users.map(parseUser);
  const twice = parsed.find((user, index) => parsed.findIndex(({ id }) => id === user.id) !== index);
  if (twice) throw new FogbowError('bad-syntax', `The users file names the id "${twice.id}" twice.`);
  return parsed;
}

function parseUser(entry: unknown, index: number): StaticUser {
  const fault = (field: string, wanted: string): FogbowError =>
    new FogbowError('bad-syntax', `users[${index}].${field} must be ${wanted}.`);
  if (!isRecord(entry)) throw new FogbowError('bad-syntax', `users[${index}] must be a map.`);
  const { id, name, tokenSha256, expires } = entry;
  if (typeof id !== 'string' || id === '') throw fault('id', 'a text');
  if (typeof name !== 'string' || name === '') throw fault('name', 'a text');
  if (typeof tokenSha256 !== 'string' || !/^[0-9a-f]{64}$/i.test(tokenSha256)) throw fault('tokenSha256', '64 hexadecimal digits');
  const user = { id, name, tokenHash: Buffer.from(tokenSha256, 'hex') };
  if (expires === undefined || expires === null) return user;
  const date = new Date(String(expires));
  if (Number.isNaN(date.getTime())) throw fault('expires', 'a date');
  return { ...user, expires: date };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
