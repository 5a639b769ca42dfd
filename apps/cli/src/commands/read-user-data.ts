import { refused, usageError } from '../cli-error.js';
import { readIfThere } from '../config/private-files.js';

/** Spec §1.14: the type by the first characters. */
const BEGINNINGS = [
  ['#include', 'text/x-include-url'], ['#upstart-job', 'text/upstart-job'], ['#cloud-config', 'text/cloud-config'],
  ['#part-handler', 'text/part-handler'], ['#!', 'text/x-shellscript'], ['#cloud-boothook', 'text/cloud-boothook'],
] as const;
const TYPES: readonly string[] = BEGINNINGS.map(([, type]) => type);

export interface UserDataPart { readonly content: string; readonly contentType: string }

export function readUserData(file: string, type: string | undefined): UserDataPart {
  const content = readIfThere(file);
  if (content === undefined) throw refused(`There is no user data file ${file}.`);
  const contentType = type ?? BEGINNINGS.find(([beginning]) => content.startsWith(beginning))?.[1];
  if (contentType && TYPES.includes(contentType)) return { content, contentType };
  throw usageError(type ? `"${type}" is not a type of user data.` : `${file} does not begin as any user data does.`, `Say which it is with --user-data-file-content-type, one of: ${TYPES.join(', ')}`);
}
