import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isClientToken } from './machine-record.js';
import { readText, writeOnce } from './write-once.js';

/**
 * Which host a machine was given to, told before the host is asked: the host of a machine that may be there is asked again, and no other, also
 * while it does not answer. A file for each client token, on the Manager's side; the workers of one member share the folder.
 */
export interface Claims {
  /** The name of its host; undefined when no host was ever asked. */
  read(clientToken: string): string | undefined;
  /** The host that the token is given to from now on: this one, or that of whoever was first. */
  claim(clientToken: string, host: string): string;
  /** The host has said that it has no such machine. Does nothing for the claim of another host. */
  drop(clientToken: string, host: string): void;
  /** Tells this cloud from others to its hosts; the same for as long as the folder is there. The first who asks makes it. */
  cloudId(): string;
  /** The same where it is made already. */
  knownId(): string | undefined;
}

export interface ClaimsOptions {
  readonly directory: string;
  /** For temporary names and for the cloud's own: random hexadecimal digits. */
  mark(): string;
}

export function createClaims({ directory, mark }: ClaimsOptions): Claims {
  const folder = join(directory, 'claims');
  const idFile = join(directory, 'cloud-id');
  let id: string | undefined;
  const fileOf = (clientToken: string): string => join(folder, clientToken);
  const read = (clientToken: string): string | undefined => (isClientToken(clientToken) ? readText(fileOf(clientToken)) : undefined);
  return {
    read,
    cloudId: () => (id ??= writeOnce(idFile, mark(), mark())),
    knownId: () => readText(idFile),
    claim: (clientToken, host) => writeOnce(fileOf(clientToken), host, mark()),
    drop(clientToken, host) {
      if (read(clientToken) === host) rmSync(fileOf(clientToken), { force: true });
    },
  };
}
