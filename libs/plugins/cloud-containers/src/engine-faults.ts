import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';
import type { EngineAnswer } from './engine-wire.js';

/** Why there is no answer at all, as an error of the catalogue. */
export function connectionFault(cause: unknown, where: string): FogbowError {
  const { code = '', name = '', message = '' } = (cause ?? {}) as { code?: string; name?: string; message?: string };
  const fault = (kind: ErrorCode, text: string): FogbowError => new FogbowError(kind, text, { cause });
  if (name === 'TimeoutError' || name === 'AbortError' || code === 'ABORT_ERR') return fault('cloud-unavailable', `The container engine at ${where} did not answer in time.`);
  if (code === 'EACCES' || code === 'EPERM') return fault('cloud-unauthorized', `The Manager's user may not use ${where}; it must be in the group of the socket.`);
  if (/^ERR_SSL|^ERR_TLS|CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return fault('cloud-unauthorized', `The container engine at ${where} and the Manager do not trust each other's certificates (${code}); see caFile, certFile and keyFile.`);
  }
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return fault('cloud-unavailable', `No container engine listens at ${where}; is it started?`);
  return fault('cloud-unavailable', `The connection to the container engine at ${where} failed: ${code || message}.`);
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'cloud-rejected', 401: 'cloud-unauthorized', 403: 'cloud-unauthorized', 404: 'not-found', 409: 'conflict', 413: 'cloud-rejected',
};

/** The engine's own words. */
export function wordsOf({ status, body }: EngineAnswer): string {
  const message = typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : String(body ?? '');
  return message.trim().slice(0, 500) || `status ${status}`;
}

/** An answer that is none of those the caller knows, as an error; `doing` completes "The engine did not …". */
export function engineFault(answer: EngineAnswer, doing: string): FogbowError {
  return new FogbowError(CODES[answer.status] ?? 'cloud-unavailable', `The container engine did not ${doing}: ${wordsOf(answer)}`);
}

/** The answer, if it has one of these statuses. */
export function expecting(answer: EngineAnswer, statuses: readonly number[], doing: string): EngineAnswer {
  if (!statuses.includes(answer.status)) throw engineFault(answer, doing);
  return answer;
}
