import type { ImageCatalogue } from '@fogbow/plugin-contracts';
import { askAll, heard } from './fleet.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';

/** The images that the operator has named, as far as a host that answers has them or gets them with the first order. */
export function createHostsImages({ images }: Pick<HostsOptions, 'images'>, hosts: readonly Host[]): ImageCatalogue {
  return {
    async list({ signal }) {
      const found = await Promise.all(images.names.map(async (name) => {
        const answers = heard(await askAll(hosts, async (host) => await images.look(name, host, signal).then((base) => base ?? 'coming')
          .catch((error: { code?: string }) => { if (error.code !== 'cloud-rejected') throw error; return 'lacking' as const; })));
        const there = answers.flatMap(({ value }) => (typeof value === 'string' ? [] : [value]))[0];
        if (there) return [{ id: name, name, minDiskGb: there.minDiskGb }];
        return answers.some(({ value }) => value === 'coming') ? [{ id: name, name }] : [];
      }));
      return found.flat();
    },
  };
}
