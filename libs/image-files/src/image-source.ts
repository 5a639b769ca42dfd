import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';

/** Where an image comes from: one of `url` and `file`. */
export interface ImageSource {
  /** http or https. */
  readonly url?: string;
  /** Absolute path of a file of this host; it is never changed. */
  readonly file?: string;
  readonly checksum?: Checksum;
}

/** Of the image as it is at its source, before any conversion. */
export interface Checksum {
  readonly algorithm: 'sha256' | 'sha512';
  /** Lower case. */
  readonly hex: string;
}

const KEYS = ['url', 'file', 'sha256', 'sha512'];
const HEX_LENGTH = { sha256: 64, sha512: 128 } as const;

/**
 * The sources of a plugin's setting, by the names that users give them: `name: { url | file, sha256 | sha512 }`, or a text that is an
 * address or a path. Faults are whole sentences.
 */
export function readImageSources(raw: Readonly<Record<string, unknown>>, setting: string): { readonly sources: ReadonlyMap<string, ImageSource>; readonly faults: readonly string[] } {
  const sources = new Map<string, ImageSource>();
  const faults = Object.entries(raw).flatMap(([name, given]) => {
    const value = typeof given === 'string' ? { [/^https?:/i.test(given) ? 'url' : 'file']: given } : given;
    const { source, faults: wrong } = readSource(value, `${setting}.${name}`);
    if (source && wrong.length === 0) sources.set(name, source);
    return wrong;
  });
  return { sources, faults };
}

function readSource(value: unknown, key: string): { readonly source?: ImageSource; readonly faults: readonly string[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { faults: [`${key} must be a map with url or file, and sha256 or sha512.`] };
  const { url, file, sha256, sha512, ...rest } = value as Record<string, unknown>;
  const faults = Object.keys(rest).map((name) => `${key}.${name} is not known; there are ${KEYS.join(', ')}.`);
  if ((url === undefined) === (file === undefined)) faults.push(`${key} must name one of url and file.`);
  if (url !== undefined && !isWebAddress(url)) faults.push(`${key}.url must begin with http:// or https://.`);
  if (file !== undefined && !(typeof file === 'string' && isAbsolute(file))) faults.push(`${key}.file must be an absolute path.`);
  if (sha256 !== undefined && sha512 !== undefined) faults.push(`${key} must name one of sha256 and sha512.`);
  const algorithm = sha512 === undefined ? 'sha256' : 'sha512';
  const hex = sha512 ?? sha256;
  const isHex = typeof hex === 'string' && hex.length === HEX_LENGTH[algorithm] && /^[0-9a-f]+$/i.test(hex);
  if (hex !== undefined && !isHex) faults.push(`${key}.${algorithm} must have ${HEX_LENGTH[algorithm]} characters of 0-9 and a-f.`);
  const checksum = isHex ? { checksum: { algorithm, hex: hex.toLowerCase() } as const } : {};
  return { faults, source: { ...(url === undefined ? {} : { url: String(url) }), ...(file === undefined ? {} : { file: String(file) }), ...checksum } };
}

function isWebAddress(value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}

/** What the copy of a source is called in the cache: the same for the same source, another when its checksum changes. */
export function keyOf({ url, file, checksum }: ImageSource, version = ''): string {
  return createHash('sha256').update(JSON.stringify([url ?? '', file ?? '', checksum?.algorithm ?? '', checksum?.hex ?? '', version])).digest('hex').slice(0, 32);
}

/** An address without what may be a secret in it. */
export function shownSource({ url, file }: ImageSource): string {
  if (url === undefined) return file ?? '';
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
