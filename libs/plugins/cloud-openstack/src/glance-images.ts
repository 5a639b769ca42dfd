import { FogbowError } from '@fogbow/plugin-contracts';
import type { CloudCall, Image, ImageCatalogue } from '@fogbow/plugin-contracts';
import type { GlanceUploads } from './glance-uploads.js';
import type { OpenStackHttp } from './openstack-http.js';
import { createRememberedList } from './remembered-list.js';

export interface GlanceImages extends ImageCatalogue {
  /** The id of an image that is named by its id or its name; cloud-rejected when there is none. One of ours may be on its way: no-valid-host. */
  idOf(nameOrId: string, call: CloudCall): Promise<string>;
  /** Nova's refusal of an image that the member gives: it went a moment ago, and comes again. Every other error stays as it is. */
  explain(error: unknown, nameOrId: string): unknown;
  /** Nova did not find an image that was here: the next question reads the list again. */
  forget(): void;
}

interface GlanceImage {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly min_disk?: number;
  readonly min_ram?: number;
}

const KEPT_MS = 300_000;

export interface GlanceImagesOptions {
  readonly http: OpenStackHttp;
  now(): Date;
  readonly uploads?: GlanceUploads | undefined;
  /** Our name → name or id in Glance. */
  readonly named: ReadonlyMap<string, string>;
}

/** An id counts before a name. */
const findIn = (images: readonly Image[], nameOrId: string): Image | undefined => images.find(({ id }) => id === nameOrId) ?? images.find(({ name }) => name === nameOrId);

export function createGlanceImages({ http, now, uploads, named }: GlanceImagesOptions): GlanceImages {
  const kept = createRememberedList<Image>({ keptForMs: KEPT_MS, now });
  const listed = async (call: CloudCall): Promise<Image[]> =>
    (await http.list<GlanceImage>('image', { path: '/images', key: 'images', query: { status: 'active' } }, call)).map(asImage);
  return {
    async list(call) {
      const all = await listed(call);
      const renamed = [...named].flatMap(([name, wanted]) => {
        const image = findIn(all, wanted);
        return image ? [{ was: image.id, image: { ...image, id: name, name } }] : [];
      });
      const hidden = new Set(renamed.flatMap(({ was, image }) => [was, ...all.filter(({ name }) => name === image.name).map(({ id }) => id)]));
      const there = [...all.filter(({ id }) => !hidden.has(id)), ...renamed.map(({ image }) => image)];
      const coming = [...uploads?.names ?? []].filter((name) => !there.some((image) => image.name === name));
      return [...there, ...coming.map((name) => ({ id: name, name }))];
    },
    async idOf(nameOrId, call) {
      if (uploads?.names.has(nameOrId)) return await uploads.idOf(nameOrId, call);
      const wanted = named.get(nameOrId) ?? nameOrId;
      const found = await kept.look(() => listed(call), (images) => findIn(images, wanted));
      if (!found) throw new FogbowError('cloud-rejected', `OpenStack has no image ${wanted} that this account may use${wanted === nameOrId ? '' : `; it is what images calls ${nameOrId}`}.`);
      return found.id;
    },
    explain(error, nameOrId) {
      const isItsFault = error instanceof FogbowError && error.code === 'cloud-rejected' && /\bimage\b/i.test(error.message);
      return isItsFault && uploads?.names.has(nameOrId) ? new FogbowError('no-valid-host', `The image ${nameOrId} is gone from Glance, and is sent again.`, { cause: error }) : error;
    },
    forget() {
      kept.forget();
      uploads?.forget();
    },
  };
}

/** An image may have no name; its id is one that works. */
function asImage({ id, name, min_disk: disk, min_ram: ram }: GlanceImage): Image {
  return { id, name: name || id, ...(disk ? { minDiskGb: disk } : {}), ...(ram ? { minRamMb: ram } : {}) };
}
