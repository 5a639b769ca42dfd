import type { ImageCatalogue } from '@fogbow/plugin-contracts';
import { askAll, heard } from './fleet.js';
import type { Host } from './fleet.js';
import type { HostsOptions } from './hosts-options.js';

/** The images that the operator has named, as far as a host that answers has them. */
export function createHostsImages({ images }: Pick<HostsOptions, 'images'>, hosts: readonly Host[]): ImageCatalogue {
  return {
    async list({ signal }) {
      const found = await Promise.all(images.names.map(async (name) => {
        const answers = heard(await askAll(hosts, async ({ spec, runner }) => await images.locate(name, { name: spec.name, runner }, signal)
          .catch((error: { code?: string }) => { if (error.code !== 'cloud-rejected') throw error; return undefined; })));
        const [best] = answers.flatMap(({ value }) => value ?? []);
        return best ? [{ id: name, name, minDiskGb: best.minDiskGb }] : [];
      }));
      return found.flat();
    },
  };
}
