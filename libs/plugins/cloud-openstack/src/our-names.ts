import { FogbowError } from '@fogbow/plugin-contracts';

/** Metadata of Nova and Cinder: the client token, so that a name that somebody else chose is never taken for ours. */
export const TOKEN_KEY = 'fogbow_token';
/** The name that a user gave; the name of the thing is its client token. */
export const TITLE_KEY = 'fogbow_title';

/** All client tokens begin so: what else is in the project is not ours. */
export const OUR_NAMES = '^fogbow-';

export const isOurName = (name: string): boolean => /^fogbow-[a-z0-9-]{1,56}$/.test(name);

/** A regular expression that matches these names alone; the characters of a client token stand for themselves. */
export const exactly = (...clientTokens: readonly string[]): string => (clientTokens.length === 1 ? `^${clientTokens.join('')}$` : `^(${clientTokens.join('|')})$`);

export function requireClientToken(clientToken: string): void {
  if (!isOurName(clientToken)) throw new FogbowError('cloud-rejected', 'A client token begins with fogbow- and has at most 63 characters of a-z, 0-9 and "-".');
}

/** Values of metadata may have 255 characters. */
export const shortened = (text: string): string => [...text].slice(0, 255).join('').slice(0, 255);

/** Metadata of a machine with a floating address: the account that the key of its owner opens. */
export const FLOATING_KEY = 'fogbow_floating';
