import type { ImageCatalogue } from '@fogbow/plugin-contracts';
import { readText } from './whole-file.js';

/** There is one image, the system of the host, whatever name is asked for. */
export function createLocalImages(): ImageCatalogue {
  return {
    list() {
      const system = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readText('/etc/os-release') ?? '')?.[1] ?? 'Linux';
      return Promise.resolve([{ id: 'host', name: `The host's own system (${system})` }]);
    },
  };
}
