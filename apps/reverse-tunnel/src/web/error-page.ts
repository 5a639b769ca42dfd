import { STATUS_CODES } from 'node:http';

/** What a person sees in the place of a web service. Nothing of the request is repeated in it. */
export function errorPage(status: number, says: string): string {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body style="font-family:sans-serif;margin:4em auto;max-width:34em"><h1>${title}</h1><p>${says}</p></body></html>\n`;
}

export const SAYS = {
  unknown: 'There is no such service here.',
  away: 'The machine of this service is not connected at the moment. Try again in a moment.',
  broken: 'The service of this machine did not answer properly.',
  late: 'The service of this machine did not answer in time.',
  misread: 'This request cannot be forwarded.',
} as const;
