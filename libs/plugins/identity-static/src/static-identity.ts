import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { IdentityProvider, PluginHost, PluginModule } from '@fogbow/plugin-contracts';
import { parseUsers } from './users-file.js';
import type { StaticUser } from './users-file.js';

/** Users and the hashes of their tokens from one YAML file, for a site without an identity service of its own. */
export const staticIdentity: PluginModule<IdentityProvider> = {
  name: 'identity-static',
  settings: {
    usersFile: { type: 'path', meaning: 'YAML file with `users`, a list of id, name, tokenSha256 (hexadecimal) and, if wanted, expires. Read again when it changes.' },
  },
  create: (settings, host) => createStaticIdentity(String(settings['usersFile']), host),
};

/** Reads the file at once, so a faulty file stops the start; throws bad-syntax or the error of the file system. */
export function createStaticIdentity(file: string, host: PluginHost): IdentityProvider {
  const users = createFreshUsers(file, host);
  return {
    challenge: 'Fogbow-Token',
    authenticate(token) {
      const user = userOf(token, users());
      return Promise.resolve(user && isValid(user, host.now()) ? { id: user.id, name: user.name } : undefined);
    },
  };
}

/** Compares with every entry, whether or not one matched before, so the time taken tells nothing about the file. */
function userOf(token: string, users: readonly StaticUser[]): StaticUser | undefined {
  const presented = createHash('sha256').update(token).digest();
  return users.filter((user) => timingSafeEqual(presented, user.tokenHash))[0];
}

function isValid(user: StaticUser, now: Date): boolean {
  return user.expires === undefined || user.expires > now;
}

/** The users as the file says now. A file that became faulty or unreadable is warned of and the users before it stay in force. */
function createFreshUsers(file: string, host: PluginHost): () => readonly StaticUser[] {
  let stamp = stampOf(file);
  let users = parseUsers(readFileSync(file, 'utf8'));
  return () => {
    try {
      const now = stampOf(file);
      if (now === stamp) return users;
      stamp = now;
      users = parseUsers(readFileSync(file, 'utf8'));
      host.log.info('The users file was read again.', { file, users: users.length });
    } catch (error) {
      // Once per change: a file that is away has the stamp '' until it is back.
      if (stamp !== '') host.log.warn('The users file cannot be used; the users read before stay in force.', { file, fault: (error as Error).message });
      stamp = tryStamp(file);
    }
    return users;
  };
}

/** Changes whenever the content may have: nanoseconds of the last write, and the file's own number for editors that replace it. */
function stampOf(file: string): string {
  const { mtimeNs, ctimeNs, size, ino } = statSync(file, { bigint: true });
  return `${mtimeNs}:${ctimeNs}:${size}:${ino}`;
}

function tryStamp(file: string): string {
  try {
    return stampOf(file);
  } catch {
    return '';
  }
}
