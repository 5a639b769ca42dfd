import { FogbowError } from '@fogbow/plugin-contracts';
import type { ErrorCode } from '@fogbow/plugin-contracts';

/** What a status of the endpoint means in our catalogue (spec §1.4). 5xx and whatever is unknown: it may be better later. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'cloud-rejected', 401: 'cloud-unauthorized', 403: 'cloud-rejected', 404: 'not-found', 405: 'cloud-rejected', 406: 'cloud-rejected', 409: 'conflict', 412: 'conflict',
  413: 'cloud-rejected', 415: 'cloud-rejected', 419: 'quota-exceeded', 422: 'cloud-rejected',
};

const ADVICE: Partial<Record<ErrorCode, string>> = {
  'cloud-unauthorized': 'The OCCI endpoint does not accept our token; look at tokenFile or cloud.credentials',
  'cloud-unavailable': 'The OCCI endpoint cannot serve now',
};

/** Pure: the error of an answer. The endpoint's own words are kept, on one line and cut. */
export function errorOf(status: number, text: string): FogbowError {
  const code = CODES[status] ?? 'cloud-unavailable';
  const words = text.replace(/[\p{Cc}\s]+/gu, ' ').trim().slice(0, 300);
  return new FogbowError(code, `${ADVICE[code] ?? 'The OCCI endpoint refuses'} (${status}${words ? `: ${words}` : ''}).`);
}

/** Its own failures towards its cloud and its members are not refusals of our token: they are troubles behind it. */
const AS_IT_IS: readonly string[] = ['quota-exceeded', 'no-valid-host', 'cloud-rejected', 'conflict', 'not-found'];
const TROUBLES: readonly string[] = ['cloud-unauthorized', 'cloud-unavailable', 'unavailable', 'timeout', 'internal', 'too-many-requests'];

/** Pure: the error of an order of the endpoint that stays without its instance; `failure` is a code of the catalogue that both share. */
export function refusalOf(failure: string, reason: string | undefined): FogbowError {
  const code = AS_IT_IS.includes(failure) ? failure as ErrorCode : TROUBLES.includes(failure) ? 'cloud-unavailable' : 'cloud-rejected';
  return new FogbowError(code, `The OCCI endpoint has nothing for it: ${reason ?? failure}.`);
}
