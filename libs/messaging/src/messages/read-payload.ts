import { FogbowError } from '@fogbow/plugin-contracts';
import type { XmlElement } from '../xml/element.js';
import { childText } from '../xml/element.js';

/** The text of a child that must be there and hold something. */
export function requiredText(parent: XmlElement | undefined, name: string): string {
  const text = childText(parent, name)?.trim();
  if (!text) throw new FogbowError('bad-syntax', `The message lacks <${name}>.`);
  return text;
}

const INSTANCE_ID = /^[^\s\p{Cc}]{1,256}$/u;

/** The id that a provider gives to what it made: a word, since it stands in headers, addresses and on terminals. */
export function requiredInstanceId(parent: XmlElement | undefined): string {
  const id = requiredText(parent, 'id');
  if (!INSTANCE_ID.test(id)) throw new FogbowError('bad-syntax', 'The id of an instance must be a word of at most 256 characters.');
  return id;
}

export function optionalText(parent: XmlElement | undefined, name: string): string | undefined {
  return childText(parent, name)?.trim() || undefined;
}

/** A number ≥ 0 in decimal digits; undefined stays undefined. */
export function wholeNumber(text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.trim());
  if (!/^\d{1,15}$/.test(text.trim())) throw new FogbowError('bad-syntax', `${what} must be a whole number.`);
  return value;
}
