import type { ImageCatalogue } from '@fogbow/plugin-contracts';
import type { ContainersOptions } from './containers-options.js';
import { expecting } from './engine-faults.js';

/** The images that the operator has named, as far as the engine has them. Nothing is pulled from a registry. */
export function createContainersImages({ wire, machine }: Pick<ContainersOptions, 'wire' | 'machine'>): ImageCatalogue {
  return {
    async list({ signal }) {
      const answer = await wire({ method: 'GET', path: '/images/json', signal });
      const images = expecting(answer, [200], 'list images').body as readonly { readonly Id: string; readonly RepoTags?: readonly string[] | null; readonly RepoDigests?: readonly string[] | null }[];
      const there = new Set(images.flatMap(({ Id: id, RepoTags: tags, RepoDigests: digests }) => [id, ...(tags ?? []), ...(digests ?? [])]));
      return Object.entries(machine.images).filter(([, reference]) => there.has(reference) || there.has(`${reference}:latest`)).map(([name]) => ({ id: name, name }));
    },
  };
}
