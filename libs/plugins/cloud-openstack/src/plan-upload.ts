import type { ImageFormat, ImageSource } from '@fogbow/image-files';
import { sourceKey } from '@fogbow/image-files';

/** Property of an image of Glance that came from us: of which content, in which format. */
export const IMAGE_KEY = 'fogbow_image';
/** Which host and member is sending it. */
export const SENDER_KEY = 'fogbow_sender';

/** An image of Glance with its own properties beside its fields. */
export interface UploadedImage {
  readonly id: string;
  readonly status: string;
  readonly updated_at?: string;
  readonly [SENDER_KEY]?: string;
}

/** What an image of this source is marked with: another checksum is another image. */
export const markOf = (source: ImageSource, format: ImageFormat): string => `${source.checksum ? `${source.checksum.algorithm}:${source.checksum.hex}` : `source:${sourceKey(source)}`}:${format}`;

export type UploadPlan =
  | { readonly kind: 'there'; readonly id: string }
  /** Somebody else is sending it. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'unusable'; readonly status: string }
  /** `remove`: what broken uploads have left. */
  | { readonly kind: 'send'; readonly remove: readonly string[] };

const UNDER_WAY = ['queued', 'saving', 'uploading', 'importing'];
/** Nobody sends an image for so long without Glance noting it. */
const ABANDONED_MS = 3_600_000;

/** Pure: what is to be done about an image, by those in Glance that bear its mark. Whoever asks holds the lock of its host, so what that host has begun is broken. */
export function planUpload(found: readonly UploadedImage[], sender: string, now: Date): UploadPlan {
  const active = found.find(({ status }) => status === 'active');
  if (active) return { kind: 'there', id: active.id };
  const begun = found.filter(({ status }) => UNDER_WAY.includes(status));
  const broken = begun.filter((one) => one[SENDER_KEY] === sender || now.getTime() - Date.parse(one.updated_at ?? '') > ABANDONED_MS);
  if (begun.length > broken.length) return { kind: 'wait' };
  const off = found.find(({ status }) => status === 'deactivated');
  return off ? { kind: 'unusable', status: off.status } : { kind: 'send', remove: broken.map(({ id }) => id) };
}
