import { join } from 'node:path';
import type { Surroundings } from '../host.js';

/** Where the command line keeps its files (XDG base directories). */
export interface Places {
  readonly configFile: string;
  /** Known host keys, one file an order. */
  readonly knownHosts: string;
  /** Paths of public keys that were put into orders. */
  readonly usedKeys: string;
  /** The user's own keys. */
  readonly sshFolder: string;
}

export function placesOf({ env, home }: Surroundings): Places {
  const config = join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'fogbow');
  const state = join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'fogbow');
  return { configFile: join(config, 'config.yaml'), knownHosts: join(state, 'known-hosts'), usedKeys: join(state, 'used-keys'), sshFolder: join(home, '.ssh') };
}
