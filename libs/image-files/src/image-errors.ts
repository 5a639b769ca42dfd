import { FogbowError, isFogbowError } from '@fogbow/plugin-contracts';

/** Whoever asked again would get the same answer: the image or its entry is wrong. */
export const unfit = (message: string, cause?: unknown): FogbowError => new FogbowError('cloud-rejected', message, { cause });
/** It may come right by itself. */
export const away = (message: string, cause?: unknown): FogbowError => new FogbowError('cloud-unavailable', message, { cause });
export const noRoom = (message: string, cause?: unknown): FogbowError => new FogbowError('no-valid-host', message, { cause });

/** A full disk in words for the operator; every other error goes on. */
export function explained(error: unknown, folder: string): unknown {
  const { code, message = '' } = (error ?? {}) as { readonly code?: string; readonly message?: string };
  if (isFogbowError(error)) return error;
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left|quota exceeded/i.test(message)) return noRoom(`The disk of ${folder} is full: images need room there.`, error);
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return away(`Images cannot be written to ${folder}: ${message}`, error);
  return error;
}
