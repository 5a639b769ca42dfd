import { asFogbowError } from '@fogbow/plugin-contracts';
import type { FogbowError } from '@fogbow/plugin-contracts';
import { newId } from '@fogbow/service-runtime';

/** What the API is asked: nothing of Node's. `path` is as it came, without the query. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string | undefined;
  /** The body as it came; undefined when it was larger than the limit. */
  readonly body?: string | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const json = (status: number, value: unknown): ApiAnswer => ({ status, type: 'application/json', body: JSON.stringify(value) });
export const text = (status: number, body: string): ApiAnswer => ({ status, type: 'text/plain; charset=utf-8', body });

/** Problem details (RFC 9457) with the code of the error catalogue. */
export function problem(thrown: unknown, headers: Readonly<Record<string, string>> = {}): ApiAnswer {
  const error: FogbowError = asFogbowError(thrown);
  const { httpStatus: status, meaning: title } = error.entry;
  const detail = error.code === 'internal' ? 'A fault of ours; quote the request id to your operator.' : error.message;
  return { status, type: 'application/problem+json', headers, body: JSON.stringify({ type: `urn:fogbow:error:${error.code}`, title, status, code: error.code, detail, requestId: newId() }) };
}
