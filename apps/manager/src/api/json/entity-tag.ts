import { hash } from 'node:crypto';

/** A strong tag (RFC 9110 §8.8.3): equal exactly when every byte of the representation is. */
export function entityTag(representation: string): string {
  return `"${hash('sha256', representation, 'base64url').slice(0, 27)}"`;
}

/** If-None-Match: compared weakly, `*` is any. */
export function tagsName(header: string, tag: string): boolean {
  return header.trim() === '*' || tagsOf(header).some((one) => one.replace(/^W\//, '') === tag);
}

/** If-Match: compared strongly, so a weak tag never matches. */
export function tagsNameStrongly(header: string, tag: string): boolean {
  return header.trim() === '*' || tagsOf(header).includes(tag);
}

const tagsOf = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];
