/**
 * The one catalogue of errors. A code is part of the API: clients, queues and other members decide by it, never by a
 * message. `retry`: 'no' = asking again cannot help; 'later' = it may help after a while; 'elsewhere' = another member may be able.
 */
export interface ErrorEntry {
  readonly httpStatus: number;
  /** Condition of RFC 6120 §8.3.3 that carries it to another member. */
  readonly xmppCondition: string;
  readonly retry: 'no' | 'later' | 'elsewhere';
  readonly meaning: string;
}

const entry = (httpStatus: number, xmppCondition: string, retry: ErrorEntry['retry'], meaning: string): ErrorEntry =>
  ({ httpStatus, xmppCondition, retry, meaning });

export const ERROR_CATALOGUE = {
  'bad-syntax': entry(400, 'bad-request', 'no', 'The request cannot be read.'),
  'unsupported-attribute': entry(400, 'bad-request', 'no', 'An attribute is unknown or has a wrong value.'),
  'invalid-requirements': entry(400, 'bad-request', 'no', 'The requirements expression has an error at the named position.'),
  'unknown-category': entry(400, 'bad-request', 'no', 'An OCCI category is not registered here.'),
  unauthenticated: entry(401, 'not-authorized', 'no', 'A token is missing or not valid.'),
  forbidden: entry(403, 'forbidden', 'no', 'The caller may not do this.'),
  'not-found': entry(404, 'item-not-found', 'no', 'There is no such thing, or it is not yours.'),
  'method-not-allowed': entry(405, 'feature-not-implemented', 'no', 'The resource does not offer this method.'),
  'not-acceptable': entry(406, 'not-acceptable', 'no', 'None of the accepted media types can be produced.'),
  conflict: entry(409, 'conflict', 'no', 'The present state does not allow this.'),
  'precondition-failed': entry(412, 'conflict', 'no', 'The thing is not as the condition of the request wants it.'),
  'body-too-large': entry(413, 'policy-violation', 'no', 'The request is larger than the limit.'),
  'unsupported-media-type': entry(415, 'bad-request', 'no', 'The body has a media type that is not understood.'),
  'quota-exceeded': entry(419, 'resource-constraint', 'elsewhere', 'A quota has no room for this.'),
  'too-many-requests': entry(429, 'policy-violation', 'later', 'The caller asks too often.'),
  internal: entry(500, 'internal-server-error', 'later', 'A fault of ours; the log has the details.'),
  'cloud-unauthorized': entry(502, 'internal-server-error', 'later', 'The cloud did not accept our token.'),
  'cloud-rejected': entry(502, 'not-acceptable', 'elsewhere', 'The cloud refuses this request and will refuse it again.'),
  'cloud-unavailable': entry(503, 'service-unavailable', 'later', 'The cloud does not answer or has an internal fault.'),
  'no-valid-host': entry(503, 'resource-constraint', 'elsewhere', 'No host of the cloud has room now.'),
  unavailable: entry(503, 'remote-server-not-found', 'later', 'A service or member that is needed does not answer.'),
  timeout: entry(504, 'remote-server-timeout', 'later', 'No answer came in time.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

const MARK = Symbol.for('fogbow.error');

/** An error of the catalogue. `message` is for people and says what to do; it never holds a secret. */
export class FogbowError extends Error {
  readonly [MARK] = true;
  /** The things that the error is about, where a program should know them. */
  readonly ids?: readonly string[];
  constructor(readonly code: ErrorCode, message: string, { ids, ...options }: { readonly cause?: unknown; readonly ids?: readonly string[] } = {}) {
    super(message, options);
    this.name = 'FogbowError';
    if (ids) this.ids = ids;
  }

  get entry(): ErrorEntry {
    return ERROR_CATALOGUE[this.code];
  }
}

/** Recognises errors of the catalogue across bundled copies of this file. */
export function isFogbowError(error: unknown): error is FogbowError {
  return typeof error === 'object' && error !== null && (error as Record<symbol, unknown>)[MARK] === true;
}

/** Any thrown value as an error of the catalogue; what is unknown becomes `internal` with its cause kept. */
export function asFogbowError(error: unknown): FogbowError {
  if (isFogbowError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FogbowError('internal', message, { cause: error });
}
