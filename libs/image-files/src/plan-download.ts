/** What is known of a download that was broken off. */
export interface PartRecord {
  readonly url: string;
  /** Strong ones only: RFC 9110 §13.1.5. */
  readonly etag?: string;
  readonly lastModified?: string;
}

/** Pure: the headers that ask for the rest where it can be proved to be of the same file, else for all. */
export function headersFor(url: string, have: number, record: PartRecord | undefined): Record<string, string> {
  const validator = record?.etag ?? record?.lastModified;
  const all = { 'Accept-Encoding': 'identity' };
  return have > 0 && record?.url === url && validator !== undefined ? { ...all, Range: `bytes=${have}-`, 'If-Range': validator } : all;
}

export interface Answer {
  readonly status: number;
  header(name: string): string | null;
}

export type Reading =
  /** The body begins at this byte of the file; `total`: of the whole file, where it is told. */
  | { readonly kind: 'read'; readonly from: number; readonly total?: number; readonly record: Omit<PartRecord, 'url'> }
  /** What we have is of no use. */
  | { readonly kind: 'anew' }
  | { readonly kind: 'refused'; readonly reason: string; readonly isPassing: boolean };

/** Pure: what an answer to those headers says. */
export function readAnswer(answer: Answer, have: number): Reading {
  const { status } = answer;
  if (status === 416) return have > 0 ? { kind: 'anew' } : { kind: 'refused', reason: 'is answered with status 416', isPassing: false };
  if (status !== 200 && status !== 206) return { kind: 'refused', reason: `is answered with status ${status}`, isPassing: status >= 500 || status === 408 || status === 429 };
  const encoding = answer.header('content-encoding');
  if (encoding && encoding !== 'identity') return { kind: 'refused', reason: `is sent in the encoding ${encoding}, which nobody asked for`, isPassing: false };
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
  if (status === 206 && Number(range?.[1]) !== have) return { kind: 'anew' };
  const told = status === 206 ? range?.[2] : answer.header('content-length');
  const total = told !== null && told !== undefined && /^\d+$/.test(told) ? { total: Number(told) } : {};
  return { kind: 'read', from: status === 206 ? have : 0, ...total, record: validatorsOf(answer) };
}

function validatorsOf(answer: Answer): Omit<PartRecord, 'url'> {
  const [etag, lastModified] = [answer.header('etag'), answer.header('last-modified')];
  return { ...(etag && !etag.startsWith('W/') ? { etag } : {}), ...(lastModified ? { lastModified } : {}) };
}

/** Pure: how long to wait after so many tries in a row that brought nothing, in ms; undefined: give up. */
export const pauseAfter = (failures: number): number | undefined => (failures > 5 ? undefined : 500 * 2 ** (failures - 1));
