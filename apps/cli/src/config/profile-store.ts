import { statSync } from 'node:fs';
import type { Host } from '../host.js';
import { placesOf } from './places.js';
import { readIfThere, writePrivately } from './private-files.js';
import { NO_PROFILES, parseProfiles, renderProfiles } from './profile.js';
import type { Profiles } from './profile.js';

export interface ProfileStore {
  readonly file: string;
  read(): Profiles;
  write(profiles: Profiles): void;
}

export function openProfileStore(host: Host): ProfileStore {
  const file = placesOf(host.surroundings).configFile;
  return {
    file,
    read() {
      const text = readIfThere(file);
      if (text === undefined) return NO_PROFILES;
      if ((statSync(file).mode & 0o077) !== 0) host.terminal.note(`${file} can be read by others and may hold tokens; close it with: chmod 600 ${file}\n`);
      return parseProfiles(text, file);
    },
    write: (profiles) => writePrivately(file, renderProfiles(profiles)),
  };
}
