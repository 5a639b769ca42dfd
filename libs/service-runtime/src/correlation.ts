import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { newId } from './random.js';

/**
 * What makes one story of the lines of many processes: the id that the client's request had, and where its trace goes on (W3C Trace Context). It follows the work through
 * every await, without being handed on; rows, jobs and messages carry it over what no await crosses (ADR 0025).
 */
export interface Correlation {
  /** At most 64 letters, digits, dots, dashes and underscores. */
  readonly requestId: string;
  /** Of the span that the work belongs to, `00-<trace>-<span>-<flags>`. */
  readonly traceparent?: string;
}

const SAFE_ID = /^[\w.-]{1,64}$/;
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

const storage = new AsyncLocalStorage<Correlation | undefined>();

export const currentCorrelation = (): Correlation | undefined => storage.getStore();

/** Runs the work, and all that it begins, as a part of that story; undefined: of none. */
export const withCorrelation = <Result>(correlation: Correlation | undefined, work: () => Result): Result => storage.run(correlation, work);

/** From what strangers say. What is not well-formed counts as not said; a trace without an id gives its own; undefined when nothing is left. */
export function readCorrelation(requestId: unknown, traceparent: unknown): Correlation | undefined {
  const parent = parseTraceparent(traceparent);
  const id = typeof requestId === 'string' && SAFE_ID.test(requestId) ? requestId : parent?.traceId;
  if (id === undefined) return undefined;
  return { requestId: id, ...(parent ? { traceparent: traceparent as string } : {}) };
}

export interface ParsedTraceparent {
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
}

/** Undefined for what the standard calls invalid: version ff, and ids of zeros alone. */
export function parseTraceparent(text: unknown): ParsedTraceparent | undefined {
  const [, version, traceId = '', spanId = '', flags = ''] = (typeof text === 'string' && TRACEPARENT.exec(text)) || [];
  if (version === undefined || version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

/** The beginning of a story of which nobody has told an id: a request id whose digits are the id of its trace. */
export function newCorrelation(): Correlation {
  const requestId = newId();
  return { requestId, traceparent: `00-${requestId.replaceAll('-', '')}-${randomBytes(8).toString('hex')}-01` };
}
