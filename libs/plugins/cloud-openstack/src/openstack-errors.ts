import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';

/** An answer that is not a success, as any of the services gives it. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  /** `POST servers of compute`: for the operator's log. */
  readonly what: string;
}

const LONGEST = 300;

/** Neutron names its faults; these say more than the status. */
const NEUTRON_TYPES: Readonly<Record<string, ErrorCode>> = {
  OverQuota: 'quota-exceeded', IpAddressGenerationFailure: 'quota-exceeded', NoMoreFixedIps: 'quota-exceeded', ExternalIpAddressExhausted: 'quota-exceeded', NoNetworkAvailable: 'no-valid-host',
};

/**
 * Pure: a refusal in the words of the catalogue, with the service's own sentence. Nova tells a full quota as 403, Cinder as 413,
 * Neutron as 409 with a type; a 403 without that word is a missing right of the account.
 */
export function errorOf({ status, body, what }: Refusal): FogbowError {
  const { type, message } = saidIn(body);
  const said = message ? `: ${message}` : '.';
  if (status === 401) return new FogbowError('cloud-unauthorized', 'OpenStack did not accept the token; credentials that changed or were revoked are found in cloud.credentials.');
  if (NEUTRON_TYPES[type]) return new FogbowError(NEUTRON_TYPES[type], `OpenStack has no room${said}`);
  if (status === 413 || (status === 403 && /quota/i.test(message))) return new FogbowError('quota-exceeded', `OpenStack has no room${said}`);
  if (status === 403) return new FogbowError('cloud-rejected', `The OpenStack account may not do this (${what})${said}`);
  if (status === 404) return new FogbowError('not-found', `OpenStack does not know it (${what})${said}`);
  if (status === 409) return new FogbowError('conflict', `OpenStack cannot do this now${said}`);
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return new FogbowError('cloud-rejected', `OpenStack refuses this (${what})${said}`);
  return new FogbowError('cloud-unavailable', `OpenStack has a fault: ${what} was answered with status ${status}${said}`);
}

/** No answer came, so nobody knows what became of the request. `cause` holds the words of the connection. */
export class Silence extends FogbowError {
  constructor(readonly request: string, cause: unknown, isOver: boolean) {
    super('cloud-unavailable', `OpenStack does not answer (${request}${isOver ? '; the time for the call is over' : ''}).`, { cause });
  }
}

interface Said { readonly type: string; readonly message: string }

/** `{"badRequest": {"message": …}}`, `{"NeutronError": {"type": …, "message": …}}`, `{"error": {"message": …}}`, a bare text, HTML of a proxy. */
function saidIn(body: unknown): Said {
  const inner: unknown = typeof body === 'object' && body !== null ? Object.values(body)[0] : undefined;
  if (typeof inner === 'string') return { type: '', message: clean(inner) };
  if (typeof inner !== 'object' || inner === null) return { type: '', message: '' };
  const { type, message } = inner as { type?: unknown; message?: unknown };
  return { type: typeof type === 'string' ? type : '', message: typeof message === 'string' ? clean(message) : '' };
}

const clean = (text: string): string => text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim().slice(0, LONGEST);

/** Undefined in the place of `not-found`; every other error goes on. */
export async function orAbsent<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FogbowError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** The same error under another code, for calls whose contract does not know the first one. */
export function recoded(error: unknown, codes: Readonly<Partial<Record<ErrorCode, ErrorCode>>>): unknown {
  if (!(error instanceof FogbowError)) return error;
  const code = codes[error.code];
  return code ? new FogbowError(code, error.message, { cause: error }) : error;
}
